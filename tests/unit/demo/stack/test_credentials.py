import base64
from dataclasses import asdict
from pathlib import Path

import pytest
from daywatch_demo.stack.credentials import Credentials, load_or_create
from daywatch_demo.stack.errors import StackError


def test_they_are_made_once_and_kept(tmp_path: Path) -> None:
    path = tmp_path / "credentials.json"

    assert load_or_create(path) == load_or_create(path)
    assert path.stat().st_mode & 0o777 == 0o600


def test_no_two_secrets_are_equal() -> None:
    values = [*asdict(Credentials()).values(), *asdict(Credentials()).values()]

    assert len(set(values)) == len(values)
    assert all(len(value) >= 16 for value in values)


def test_the_fernet_key_has_the_length_that_fernet_wants() -> None:
    assert len(base64.urlsafe_b64decode(Credentials().fernet_key)) == 32


def test_they_are_not_shown() -> None:
    credentials = Credentials()

    assert not any(value in repr(credentials) for value in asdict(credentials).values())


@pytest.mark.parametrize("content", ["", "[]", '{"unknown": 1}'])
def test_a_broken_file_is_an_error_that_says_what_to_do(tmp_path: Path, content: str) -> None:
    path = tmp_path / "credentials.json"
    path.write_text(content)

    with pytest.raises(StackError, match=r"does not hold the credentials .* delete"):
        load_or_create(path)
