"""Run the command line as ``python -m daywatch.cli``, where no script `daywatch` is installed."""

from daywatch.cli import main

if __name__ == "__main__":
    main()
