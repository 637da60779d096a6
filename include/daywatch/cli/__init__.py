"""The command line: the stages without Airflow, and what the warehouse and the registry hold.

The entry point `daywatch` is ``main``. Each group of commands has its own module.
"""

from daywatch.cli.app import main

__all__ = ["main"]
