"""`python -m daywatch_demo.stack up|down|status|delete`: the stack of the clone in the current folder."""

import argparse
import sys
from pathlib import Path

from daywatch_demo.stack.errors import StackError
from daywatch_demo.stack.stack import Stack


def main() -> int:
    """Run one command and return its exit code: 0, or 1 if a server has a problem."""
    parser = argparse.ArgumentParser(prog="python -m daywatch_demo.stack", description=__doc__)
    parser.add_argument("command", choices=["up", "down", "status", "delete"])
    parser.add_argument("--root", type=Path, default=Path.cwd(), help="the clone (default: current folder)")
    parser.add_argument("--state", type=Path, help="folder for all data (default: ROOT/.daywatch)")
    parser.add_argument("--without-airflow", action="store_true", help="with up: do not start Airflow")
    arguments = parser.parse_args()
    stack = Stack(arguments.root, arguments.state)
    try:
        return _run(stack, arguments.command, airflow=not arguments.without_airflow)
    except (StackError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 1


def _run(stack: Stack, command: str, *, airflow: bool) -> int:
    if command == "up":
        stack.up(airflow=airflow, progress=_say)
    elif command == "down":
        stack.down(progress=_say)
    elif command == "delete":
        stack.delete()
    else:
        statuses = stack.status()
        for status in statuses:
            state = status.problem or f"serves, pid {status.pid}, {status.memory / 1e6:.0f} MB"
            _say(f"{status.name:<13} {status.address:<28} {state}")
        return int(not statuses or any(status.problem for status in statuses))
    return 0


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
