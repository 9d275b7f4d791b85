"""Waiting for a shop."""

from functools import partial

from taskq.browser import patience

or_fail = partial(patience.or_fail, who="the shop")
