"""The errors of the local stack."""


class StackError(RuntimeError):
    """A part of the local stack could not be started, reached or stopped; the message says which part and why."""
