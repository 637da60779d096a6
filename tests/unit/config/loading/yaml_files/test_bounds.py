"""Files that would hang or end the process that reads them: each is one error, at once."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
import yaml
from daywatch.config.loading.yaml_files.bounds import MOST_BYTES, MOST_LEVELS, check_bounds
from daywatch.config.loading.yaml_files.parse import parse_yaml
from daywatch.errors import ConfigurationError
from hypothesis import given
from hypothesis import strategies as st


def _bomb(first: str, line: str) -> str:
    """Return anchors that each repeat the one before nine times."""
    lines = [f"a0: &a0 {first}"]
    lines += [f"a{n}: &a{n} {line.format(', '.join([f'*a{n - 1}'] * 9))}" for n in range(1, 13)]
    return "\n".join(lines)


LEVELS, VALUES = "30 lists and mappings inside each other", "100000 values in a file"
HOSTILE = {
    "brackets": ("[" * 100_000, LEVELS),
    "braces": ("{a: " * 100_000, LEVELS),
    "dashes": ("- " * 100_000, LEVELS),
    "question marks": ("? " * 100_000, LEVELS),
    "indents": ("".join(f"{' ' * n}a:\n" for n in range(1000)), LEVELS),
    "levels behind an alias": (f"a: &a {'[' * 20}{']' * 20}\nb: {'[' * 15}*a{']' * 15}\n", LEVELS),
    "aliases of aliases": (_bomb("[x, x]", "[{}]"), VALUES),
    "merge keys": (_bomb("{x: 1}", "{{<<: [{}]}}"), VALUES),
    "many values": ("a: [" + "x," * 150_000 + "]", VALUES),
    "itself": ("a: &a [*a]", "the alias *a stands inside of what it repeats"),
    "itself merged": ("a: &a\n  <<: *a", "the alias *a stands inside of what it repeats"),
    "sexagesimal": ("a: " + "1:" * 200_000 + "1", "a number of at most 100 characters"),
    "hexadecimal": ("a: 0x" + "f" * 400_000, "a number of at most 100 characters"),
    "too large": ("a: " + "x" * MOST_BYTES, f"at most {MOST_BYTES} bytes"),
    "a tag that does not fit": ("a: !!bool perhaps", "perhaps does not fit its tag"),
    "a time that does not fit": ("a: !!timestamp soon", "soon does not fit its tag"),
    "a function": ("a: !!python/object/apply:os.system [id]", "could not determine a constructor"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_an_error_at_once(name: str, tmp_path: Path) -> None:
    text, message = HOSTILE[name]
    path = tmp_path / "shop.yaml"
    path.write_text(text)

    started = time.process_time()
    with pytest.raises(ConfigurationError) as caught:
        parse_yaml(path, "shop.yaml")

    assert message in str(caught.value)
    assert str(caught.value).startswith("shop.yaml")
    assert time.process_time() - started < 5


def test_what_is_no_file_is_an_error(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.yaml")
    (tmp_path / "folder.yaml").mkdir()
    (tmp_path / "link.yaml").symlink_to(tmp_path / "nowhere")
    for name in ("pipe.yaml", "folder.yaml", "link.yaml"):
        with pytest.raises(ConfigurationError, match=f"{name}: expected a file that exists"):
            parse_yaml(tmp_path / name, name)


def test_ordinary_aliases_and_merge_keys_are_read(tmp_path: Path) -> None:
    path = tmp_path / "shop.yaml"
    path.write_text("a: &a {x: 1}\nb: {<<: *a, y: 2}\nc: [*a, *a]\n")

    data, _ = parse_yaml(path, "shop.yaml")

    assert data == {"a": {"x": 1}, "b": {"x": 1, "y": 2}, "c": [{"x": 1}, {"x": 1}]}


_TREES = st.recursive(
    st.integers() | st.text(max_size=5) | st.none() | st.booleans(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner, max_size=4),
    max_leaves=40,
)


@given(_TREES)
def test_what_people_write_is_within_the_bounds(tree: object) -> None:
    assert MOST_LEVELS > 20
    check_bounds(yaml.safe_dump(tree))
