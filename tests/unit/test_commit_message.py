"""The form of commit messages, as pre-commit checks it in a real repository."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
WHY = "Nobody could tell what the old one was for."

Commit = Callable[[str], subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def commit(tmp_path_factory: pytest.TempPathFactory) -> Commit:
    """Commit with a message in a repository where the hooks are installed as CONTRIBUTING.md says."""
    folder = tmp_path_factory.mktemp("clone")
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path_factory.mktemp("home")),
        "GIT_CONFIG_NOSYSTEM": "1",
        **{
            f"GIT_{who}_{what}": "a@example.com"
            for who in ("AUTHOR", "COMMITTER")
            for what in ("NAME", "EMAIL")
        },
    }

    def run(*command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command, cwd=folder, env=environment, capture_output=True, text=True, check=False
        )

    for name in (".pre-commit-config.yaml", "pyproject.toml"):
        shutil.copy(ROOT / name, folder)
    shutil.copytree(ROOT / ".ci", folder / ".ci", ignore=shutil.ignore_patterns("__pycache__"))
    (folder / ".venv").symlink_to(sys.prefix)
    (folder / ".gitignore").write_text(".venv\n")
    assert run("git", "init", "--quiet", "--initial-branch=main").returncode == 0
    assert run("git", "add", ".").returncode == 0
    installed = run(".venv/bin/pre-commit", "install")
    assert installed.returncode == 0, installed.stderr
    assert (folder / ".git" / "hooks" / "commit-msg").is_file()
    return lambda message: run("git", "commit", "--quiet", "--allow-empty", "--message", message)


@pytest.mark.parametrize(
    "message",
    [
        f"{'S' * 72}\n\n{WHY}",
        f"Name the table\n\n{WHY}\n\nhttps://example.com/{'x' * 90}",
        f"Name the table\n\n{WHY}\n\nSigned-off-by: A <a@example.com>",
        'Revert "Name the table"\n\nThis reverts commit 0123456.',
        "fixup! Name the table",
    ],
    ids=["72 characters", "long address", "trailer", "revert", "fixup"],
)
def test_a_message_is_accepted(commit: Commit, message: str) -> None:
    done = commit(message)

    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("message", "says"),
    [
        (f"{'S' * 73}\n\n{WHY}", "the subject has 73 characters, expected at most 72"),
        (f"Name the table.\n\n{WHY}", "the subject ends with a full stop"),
        ("Name the table", "there is no body: say below an empty line why the change is made"),
        ("Name the table\n\nSigned-off-by: A <a@example.com>", "there is no body"),
        (f"Name the table\n{WHY}", "the second line is not empty"),
        (f"Name the table\n\n{'why ' * 20}", "a line of the body has 79 characters, expected at most 76"),
    ],
)
def test_a_message_is_refused(commit: Commit, message: str, says: str) -> None:
    done = commit(message)

    assert done.returncode == 1
    assert f"commit message: {says}" in done.stderr
