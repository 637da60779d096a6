"""Names that people give; they become keys of the warehouse."""

from __future__ import annotations


def check_name(what: str, value: str, longest: int = 120) -> None:
    """Refuse a name that the warehouse cannot store or nobody can read.

    Args:
        what: What the name is of, for the sentence.
        value: The name.
        longest: Characters at most.

    Raises:
        ValueError: The name is empty, too long, or not printable.
    """
    if not value.strip() or value != value.strip() or len(value) > longest or not value.isprintable():
        msg = (
            f"{what}: expected 1 to {longest} printable characters without space at the ends, "
            f"but received {value[:longest]!r}."
        )
        raise ValueError(msg)
