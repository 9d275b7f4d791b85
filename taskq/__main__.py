"""`python -m taskq` is `taskq`."""

from taskq.cli import main

main()
