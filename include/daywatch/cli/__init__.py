"""The command line: the stages without Airflow, and what the warehouse and the registry know.

The entry point `daywatch` is ``main``; each group of commands has a module.
"""

from daywatch.cli.app import main

__all__ = ["main"]
