"""How long commands take to start, beside a typer program that does nothing.

python bench/start.py [RUNS]
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

RUNS = int(sys.argv[1]) if len(sys.argv) > 1 else 15

HELLO = """
import typer
app = typer.Typer()

@app.command()
def main(name: str = "world"):
    print("hello", name)

app()
"""


def main():
    folder = Path(tempfile.mkdtemp(prefix="taskq-bench-"))
    (folder / "hello.py").write_text(HELLO)
    os.environ["TASKQ_DB"] = str(folder / "taskq.db")
    taskq = [sys.executable, "-m", "taskq"]
    url = ["--url", "https://kith.com/products/hp-p020-051-1"]
    subprocess.run([*taskq, "submit", "shopify", *url], capture_output=True, check=True)
    commands = {
        "typer hello-world": [sys.executable, str(folder / "hello.py")],
        "taskq --help": [*taskq, "--help"],
        "taskq status ID": [*taskq, "status", "@"],
    }
    took = {name: [] for name in commands}
    for _ in range(RUNS):  # in turn, so that a busy moment of the machine meets all of them
        for name, command in commands.items():
            started = time.perf_counter()
            subprocess.run(command, capture_output=True, check=True)
            took[name].append(time.perf_counter() - started)
    for name, seconds in took.items():
        print(f"{name:<31} {statistics.median(seconds) * 1000:6.0f} ms")


if __name__ == "__main__":
    main()
