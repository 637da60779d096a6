"""`python -m daywatch_demo up|down`, which `make demo` and `make demo-down` run."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from daywatch.errors import DaywatchError
from rich.console import Console

from daywatch_demo.demo import Demo
from daywatch_demo.stack.errors import StackError
from daywatch_demo.stack.stack import Stack


def main() -> int:
    """Run one command and return its exit code: 0 if it succeeds."""
    parser = argparse.ArgumentParser(prog="python -m daywatch_demo", description=__doc__)
    parser.add_argument("command", choices=["up", "down"])
    command = parser.parse_args().command
    stack = Stack(Path(__file__).resolve().parents[2])
    console = Console(highlight=False)
    try:
        if command == "up":
            Demo(stack, console).run()
        elif not stack.down(progress=console.print):
            console.print("nothing was running")
    except (StackError, DaywatchError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
