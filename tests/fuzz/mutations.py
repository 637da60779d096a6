"""Records changed at random: what broken writers, networks and disks make of them, and what an attacker tries."""

from __future__ import annotations

import re
from collections.abc import Callable
from random import Random

HOSTILE_TEXTS = (
    *(
        "",
        " ",
        "\x00",
        "a\x00b",
        "\ufeff",
        "\u2028",
        "\r",
        "\r\n",
        "\n",
        "\t",
        '"',
        '""',
        "'",
        ",",
        ",,,",
        "\\",
    ),
    *(
        "null",
        "NaN",
        "nan",
        "Infinity",
        "-inf",
        "1e999",
        "-1e308",
        "5e-324",
        "0x10",
        "1_000",
        "1,5",
        "٣",
        "true",
    ),
    *(
        "9223372036854775808",
        "-9223372036854775809",
        "1" * 400,
        "0." + "3" * 400,
        "2024-02-30",
        "é" * 40,
        "🐢",
    ),
    *("{}", "[]", "[[", '{"a":', "[" * 600, "[" * 600 + "]" * 600, '{"a":' * 300 + "1" + "}" * 300),
    *(
        "' OR 1=1 --",
        "<script>alert(1)</script>",
        "{{7*7}}",
        "%s%n",
        "$.a[*]",
        "../../etc/passwd",
        "x" * 3000,
    ),
)
"""Values that parsers, casts, databases and pages have stumbled over."""

_JSON_VALUES = tuple(
    text.encode()
    for text in (
        *(
            "null",
            "true",
            "false",
            "0",
            "-0",
            "-0.0",
            "1e999",
            "-1E400",
            "NaN",
            "Infinity",
            "01",
            "1.",
            ".5",
            "+1",
        ),
        *(
            "9223372036854775807",
            "9223372036854775808",
            "1" * 400,
            "{}",
            "[]",
            "[[[]]]",
            '""',
            '" "',
            '"\\u0000"',
        ),
        *('"\\ud800"', '"\\udfff\\ud800"', '"\\ud83d\\udc22"', '"\\u000a"', '"\\"', "'a'", "undefined", ""),
        *("[" * 900 + "]" * 900, '{"a":' * 900 + "1" + "}" * 900, "[" * 900, '"' + "y" * 5000 + '"'),
        *(
            '"2024-03-03"',
            '"2024-03-03T25:00:00Z"',
            '"1969-12-31T23:59:59Z"',
            '"+294247-01-10"',
            '"now"',
            '"infinity"',
        ),
    )
)
_BYTES = (
    *(
        b"\x00",
        b"\n",
        b"\r",
        b"\r\n",
        b"\x1a",
        b"\x7f",
        b"\xff",
        b"\xc3",
        b"\xed\xa0\x80",
        b"\xf0\x9f",
        b"\xef\xbb\xbf",
    ),
    *(
        b'"',
        b'""',
        b"\\",
        b",",
        b",,",
        b"{",
        b"}",
        b"[",
        b"]",
        b":",
        b" ",
        b"\\u0000",
        b"\\ud800",
        b"\\udc00",
        b"\xe2\x80\xa8",
    ),
)
_LINES = (
    *(
        b"",
        b" \t\r",
        b"\x00\x00",
        b"\xef\xbb\xbf",
        b"{}",
        b"[]",
        b"null",
        b"5",
        b'"',
        b'""',
        b"[1, 2]",
        b"<html>502</html>",
    ),
    *(
        b"\xff\xfe\x00",
        b"[" * 2000,
        b'{"a": 1}',
        b"#",
        b",,,,",
        b'","',
        b"\x1f\x8b\x08\x00",
        b"PAR1",
        b"NaN",
        b"z" * 9000,
    ),
)
_TOKEN = re.compile(rb'"(?:[^"\\\n]|\\.)*"|-?\d+(?:\.\d+)?|true|false|null')
_KEY = re.compile(rb'"[^"\\\n]*": ?')

Change = Callable[[bytes, Random], bytes]


def _flip_bits(line: bytes, dice: Random) -> bytes:
    changed = bytearray(line)
    for _ in range(dice.choice((1, 1, 1, 3, 12))):
        if changed:
            changed[dice.randrange(len(changed))] ^= 1 << dice.randrange(8)
    return bytes(changed)


def _cut_off(line: bytes, dice: Random) -> bytes:
    return line[: dice.randrange(len(line) + 1)]


def _without_a_part(line: bytes, dice: Random) -> bytes:
    at = dice.randrange(len(line) + 1)
    return line[:at] + line[at + dice.randrange(40) :]


def _with_a_part_twice(line: bytes, dice: Random) -> bytes:
    at = dice.randrange(len(line) + 1)
    return line[:at] + line[max(at - dice.randrange(60), 0) :]


def _with_odd_bytes(line: bytes, dice: Random) -> bytes:
    at = dice.randrange(len(line) + 1)
    return line[:at] + dice.choice(_BYTES) + line[at:]


def _with_noise(line: bytes, dice: Random) -> bytes:
    at = dice.randrange(len(line) + 1)
    return line[:at] + dice.randbytes(dice.randrange(1, 9)) + line[at + dice.randrange(3) :]


def _with_another_value(line: bytes, dice: Random) -> bytes:
    found = [*_TOKEN.finditer(line)]
    if not found:
        return line
    start, end = dice.choice(found).span()
    return line[:start] + dice.choice(_JSON_VALUES) + line[end:]


def _with_a_key_twice(line: bytes, dice: Random) -> bytes:
    keys = [*_KEY.finditer(line)]
    if not keys:
        return line
    key = dice.choice(keys)
    copied = line[key.end() : key.end() + 30] if dice.random() < 0.3 else dice.choice(_JSON_VALUES)
    return line[: key.start()] + key.group() + copied + b", " + line[key.start() :]


def _without_quotes(line: bytes, dice: Random) -> bytes:
    return line.replace(b'"', b"" if dice.random() < 0.5 else b"'", dice.randrange(1, 4))


def _another_line(line: bytes, dice: Random) -> bytes:
    return dice.choice(_LINES)


_CHANGES: tuple[Change, ...] = (
    *(_flip_bits, _cut_off, _without_a_part, _with_a_part_twice, _with_odd_bytes, _with_noise),
    *(_with_another_value, _with_another_value, _with_a_key_twice, _without_quotes, _another_line),
)


def mutated(line: bytes, dice: Random) -> bytes:
    """Return a line with one to three changes: bits, bytes, values, keys or the whole of it."""
    for _ in range(dice.choice((1, 1, 1, 2, 3))):
        line = dice.choice(_CHANGES)(line, dice)
    return line


def mutated_text(value: str, dice: Random) -> str:
    """Return text that is changed likewise, or hostile text instead; lone surrogates only where bytes were no text."""
    if dice.random() < 0.3:
        return dice.choice(HOSTILE_TEXTS)
    return mutated(value.encode("utf-8", "surrogatepass"), dice).decode(
        "utf-8", dice.choice(("replace", "ignore"))
    )


def mutated_values(line: str, dice: Random) -> str:
    """Return values that are separated by commas, one of them hostile, one too few or one too many."""
    values = line.split(",")
    at = dice.randrange(len(values))
    kind = dice.randrange(8)
    if kind == 0:
        del values[at]
    elif kind == 1:
        values.insert(at, dice.choice(HOSTILE_TEXTS))
    else:
        values[at] = dice.choice(HOSTILE_TEXTS)
    return ",".join(values)
