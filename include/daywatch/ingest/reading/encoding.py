"""What to say of text that is not UTF-8."""

from __future__ import annotations

_UTF16 = (b"\xff\xfe", b"\xfe\xff")


def not_utf8(content: bytes) -> str:
    """Return what the encoding of bytes may be instead of UTF-8, from the first byte that UTF-8 cannot have.

    Args:
        content: A line or the beginning of a file.

    Returns:
        The end of a sentence such as "the line is", or empty if the bytes are UTF-8.
    """
    try:
        content.decode("utf-8")
    except UnicodeDecodeError as error:
        at = error.start
    else:
        return ""
    if content.startswith(_UTF16) or content.count(b"\x00") * 4 > len(content):
        return "not UTF-8 text; it looks like UTF-16, expected UTF-8"
    byte = content[at : at + 1]
    letter = byte.decode("cp1252", "ignore")
    found = f"0x{byte.hex().upper()}" + (
        f", which is {letter!r} in Windows-1252 (Latin-1)" if letter.isalpha() else ""
    )
    return f"not UTF-8 text; its byte {at + 1} is {found}, expected UTF-8"
