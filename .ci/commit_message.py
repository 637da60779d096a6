"""Check a commit message, as the hook ``commit-msg`` of pre-commit: a short subject, and a body that says why.

Own code, because the linters of messages on PyPI are no longer kept up, and the rules are four.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

SUBJECT_LENGTH = 72
LINE_LENGTH = 76

_SCISSORS = re.compile(r"^# -+ >8 -+$")
_TRAILER = re.compile(r"^[A-Za-z][A-Za-z-]*: \S")
_MADE_BY_GIT = re.compile(r"^(Merge |Revert \"|(fixup|squash|amend)! )")


def errors(message: str) -> Iterator[str]:
    """Yield what is wrong with a commit message.

    Args:
        message: The text of git's message file, with its comments.
    """
    subject, *rest = _lines(message) or [""]
    if _MADE_BY_GIT.match(subject):
        return
    if not subject.strip():
        yield "the first line is empty: write a subject that says what the commit does"
        return
    if len(subject) > SUBJECT_LENGTH:
        yield f"the subject has {len(subject)} characters, expected at most {SUBJECT_LENGTH}"
    if subject.endswith("."):
        yield "the subject ends with a full stop: leave it out"
    if rest and rest[0].strip():
        yield "the second line is not empty: put an empty line between subject and body"
    if not any(line.strip() and not _TRAILER.match(line) for line in rest):
        yield "there is no body: say below an empty line why the change is made"
    for line in rest:
        if len(line) > LINE_LENGTH and " " in line.strip():  # an address has no space to break at
            yield f"a line of the body has {len(line)} characters, expected at most {LINE_LENGTH}: {line[:30]!r}"


def _lines(message: str) -> list[str]:
    """Return the lines that git keeps: no comments, and nothing below its scissors."""
    kept: list[str] = []
    for line in message.splitlines():
        if _SCISSORS.match(line):
            break
        if not line.startswith("#"):
            kept.append(line.rstrip())
    return kept


def main() -> int:
    """Check the message in the file that git names; return 1 where something is wrong."""
    found = list(errors(Path(sys.argv[1]).read_text(encoding="utf-8")))
    for error in found:
        sys.stderr.write(f"commit message: {error}\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
