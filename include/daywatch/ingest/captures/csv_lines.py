"""The lines of a CSV file that can be rows, apart from those that cannot: one stray quote costs its row only.

A quotation mark that is never closed would make one value of the rest of the file, and so would a carriage return
make another kind of file of it. So lines in which a quotation mark is not where one begins or ends a value, or with
a lone carriage return, are looked at one by one; all others go through as they are.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, BinaryIO, NamedTuple

from daywatch.ingest.reading.lines import EXCERPT
from daywatch.ingest.reading.quarantine import Reason

if TYPE_CHECKING:
    import numpy as np

# Without going back over what they have read: a line may have megabytes.
_LINE_END = re.compile(rb"\r++\n")
_VALUE = rb' *+"[^"]*+(?:""[^"]*+)*+" *+|(?! *")[^,]*+'
_SOUND = re.compile(rb"(?:%b)(?:,(?:%b))*+" % (_VALUE, _VALUE))
_OPENED = re.compile(rb'(?:(?:%b),)*+ *+"[^"]*+(?:""[^"]*+)*+' % _VALUE)


class UnsoundLine(NamedTuple):
    """A line that cannot be a row.

    Attributes:
        line: Its number in the file, from 1.
        reason: The reason code.
        detail: What was found, as a sentence.
        excerpt: The beginning of its text.
    """

    line: int
    reason: Reason
    detail: str
    excerpt: str


class SoundLines:
    """Writes the lines of a file that can be rows, and an empty line for each that cannot, so that numbers stay."""

    def __init__(
        self, columns: int, longest: int, target: BinaryIO, refuse: Callable[[UnsoundLine], None]
    ) -> None:
        """Prepare to write.

        Args:
            columns: Number of columns of the table.
            longest: Bytes of the longest line, and of the longest row of several lines.
            target: The file that gets the lines.
            refuse: Stores a line that cannot be a row.
        """
        self._columns, self._longest = columns, longest
        self._filler = b"\n" if columns > 1 else b""  # of one column, an empty line is a row
        self._target, self._refuse = target, refuse
        self._opened: list[bytes] = []
        self._opened_bytes = 0
        self.lines = 0

    def add_blank(self, lines: int) -> None:
        """Write empty lines in place of lines that are no rows, such as the header."""
        self._target.write(self._filler * lines)
        self.lines += lines

    def add(self, piece: bytes) -> None:
        """Write whole lines of the file; only the last one of the file may be without its end."""
        if not piece.endswith(b"\n"):
            piece += b"\n"
        # A program that ends lines for Windows twice writes two carriage returns.
        piece = _LINE_END.sub(b"\n", piece) if b"\r" in piece else piece
        if not (self._opened or b'"' in piece or b"\r" in piece or len(piece) > self._longest):
            self._pass(piece, piece.count(b"\n"))
            return
        start = 0
        for begin, end in self._doubtful(piece):
            self._add_plain(piece[start:begin])
            self._add_doubtful(piece[begin:end])
            start = end
        self._add_plain(piece[start:])

    def finish(self) -> None:
        """Refuse the line whose quotation mark was never closed."""
        self._give_up()

    def _doubtful(self, piece: bytes) -> Iterator[tuple[int, int]]:
        """Yield start and end of each line with an odd quotation mark, a carriage return or too many bytes."""
        import numpy as np

        data = np.frombuffer(piece, np.uint8)
        ends = np.flatnonzero(data == ord("\n")) + 1
        starts = np.concatenate([np.zeros(1, ends.dtype), ends[:-1]])
        doubtful = _with_odd_quotes(data, starts) | (ends - starts > self._longest)
        if b"\r" in piece:
            doubtful |= _within(data == ord("\r"), starts) > 0
        for at in np.flatnonzero(doubtful):
            yield int(starts[at]), int(ends[at])

    def _add_plain(self, lines: bytes) -> None:
        """Add lines that open and close no quotation."""
        if not self._opened:
            self._pass(lines, lines.count(b"\n"))
        elif lines:
            self._keep(lines)

    def _add_doubtful(self, line: bytes) -> None:
        """Add one line that is doubtful: it may be a row, begin or end one of several lines, or be none."""
        if self._opened and line.count(b'"') % 2 == 0:
            self._keep(line)
            return
        if self._opened:
            together = b"".join([*self._opened, line])
            rows = _rows(together)
            if len(rows) == 1 and len(rows[0]) == self._columns and len(together) <= self._longest:
                self._opened, self._opened_bytes = [], 0
                self._pass(together, together.count(b"\n"))
                return
            self._give_up()
        self._add_alone(line)

    def _add_alone(self, line: bytes) -> None:
        """Add a line that follows whole rows."""
        if len(line) > self._longest:
            self._drop(line, Reason.TOO_LONG, f"the line has more than {self._longest:,} bytes")
            return
        # Where a row of several lines begins, the number of quotation marks is odd.
        if line.count(b'"') % 2 and _OPENED.fullmatch(line[:-1]):
            self._opened, self._opened_bytes = [line], len(line)
        elif not _SOUND.fullmatch(line[:-1]) or (b"\r" in line and not _rows(line)):
            self._drop(line, Reason.NOT_CSV, _sentence(line))
        else:
            self._pass(line, 1)

    def _keep(self, lines: bytes) -> None:
        """Keep lines that may be part of the row that is open."""
        self._opened.append(lines)
        self._opened_bytes += len(lines)
        if self._opened_bytes > self._longest:
            self._give_up()

    def _give_up(self) -> None:
        """Refuse the line that opened a quotation, and add the lines after it as what they are without it."""
        if not self._opened:
            return
        (opening, *after), self._opened, self._opened_bytes = self._opened, [], 0
        self._drop(opening, Reason.NOT_CSV, "a quoted value of the line does not end")
        for lines in after:
            if b"\r" in lines or b'"' in lines:
                for line in lines[:-1].split(b"\n"):
                    self._add_alone(line + b"\n")
            else:
                self._pass(lines, lines.count(b"\n"))

    def _pass(self, lines: bytes, count: int) -> None:
        self._target.write(lines)
        self.lines += count

    def _drop(self, line: bytes, reason: Reason, detail: str) -> None:
        self.add_blank(1)
        excerpt = line[: 4 * EXCERPT].decode("utf-8", "backslashreplace").strip()[:EXCERPT]
        self._refuse(UnsoundLine(self.lines, reason, f"line {self.lines}: {detail}", excerpt))


def _within(marks: np.ndarray, starts: np.ndarray) -> np.ndarray:
    """Return the number of marks in each line."""
    import numpy as np

    return np.add.reduceat(marks, starts, dtype=np.int64)


def _with_odd_quotes(data: np.ndarray, starts: np.ndarray) -> np.ndarray:
    """Return for each line whether it has an odd quotation mark, which is not where one begins or ends a value.

    The first, third, ... mark of a line begins a value, or is the second of two; the others end a value, or are the
    first of two. The last mark of a line with an odd number of them is odd too.
    """
    import numpy as np

    at = np.flatnonzero(data == ord('"'))
    line = np.searchsorted(starts, at, "right") - 1
    number = np.arange(len(at)) - np.searchsorted(at, starts)[line]
    previous = np.where(at > starts[line], data[at - 1], ord(","))
    begins = (previous == ord(",")) | (previous == ord('"'))
    ends = np.isin(data[at + 1], [ord(","), ord('"'), ord("\n")])
    odd = np.where(number % 2 == 0, ~begins, ~ends)
    found = np.bincount(line, minlength=len(starts)) % 2 == 1
    found[line[odd]] = True
    return found


def _rows(lines: bytes) -> list[list[str]]:
    """Return the rows of CSV, none where it is not; only the structure counts, so any bytes are text."""
    text = io.StringIO(lines.decode("latin-1"), newline="\n")
    try:
        return list(csv.reader(text, strict=True, skipinitialspace=True))
    except csv.Error:
        return []


def _sentence(line: bytes) -> str:
    if b"\r" in line.rstrip(b"\r\n"):
        return "a carriage return is in the middle of the line"
    if _OPENED.fullmatch(line[:-1]):
        return "a quoted value of the line does not end"
    return "after the end of a quoted value, a comma was expected"


def with_line_feeds(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Yield pieces of a file; if it has carriage returns instead of line feeds, as old programs write, they change."""
    first, replace = True, False
    for piece in pieces:
        if first:
            replace = b"\r" in piece and b"\n" not in piece
            first = False
        yield piece.replace(b"\r", b"\n") if replace else piece
