"""The plain text of a digest."""

from __future__ import annotations

from daywatch.report.digest import Digest, since_text
from daywatch.report.text import COLUMNS, link_lines, wrapped


def digest_text(digest: Digest) -> str:
    """Lay a digest out as text.

    Args:
        digest: Content of the digest, with captured text made visible.
    """
    top = [*wrapped(f"DIGEST  {digest.owner}  {digest.day}"), "=" * COLUMNS, *wrapped(digest.headline)]
    rows = [
        line
        for row in digest.bad
        for line in (
            *wrapped(f"{row.state or 'NEW'}  {row.model}  (tier {row.tier})"),
            *(wrapped(row.cause, "  ") if row.cause else ()),
            *wrapped(since_text(row), "  "),
            *(wrapped(row.link, "  ") if row.link else ()),
        )
    ]
    bad = ["NOT GREEN, THE WORST FIRST", *rows] if rows else []
    good = ["GREEN", *wrapped(", ".join(digest.good))] if digest.good else []
    past = [line for row in digest.backfills for line in wrapped(row.sentence, "- ", "  ")]
    judged = ["JUDGED OF THE PAST", *past] if past else []
    parts = [top, bad, good, judged, link_lines(digest.links), ["Sent by Daywatch."]]
    return "\n\n".join("\n".join(lines) for lines in map(list, parts) if lines) + "\n"
