"""What an existing Airflow installs: everything that the package imports, nothing of the demonstration, no pins."""

from __future__ import annotations

import re
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).parents[2]
OF_THE_DEMONSTRATION = {"skops", "threadpoolctl"}
"""What `requirements.in` lists above the local stack, and only `include/daywatch_demo` imports."""


def _requirements(text: str) -> dict[str, Requirement]:
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    return {one.name: one for one in map(Requirement, lines)}


def _read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def test_an_existing_airflow_installs_what_the_package_needs() -> None:
    own = _requirements(_read("requirements.in").partition("# The local stack")[0])
    assert {*_requirements(_read("requirements-airflow.txt"))} == {*own} - OF_THE_DEMONSTRATION - {
        "apache-airflow"
    }


def test_the_package_does_not_import_what_an_existing_airflow_leaves_out() -> None:
    text = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "include/daywatch").rglob("*.py"))
    assert re.findall(rf"^\s*(?:import|from) ({'|'.join(OF_THE_DEMONSTRATION)})\b", text, re.MULTILINE) == []


def test_the_ranges_contain_the_tested_versions_and_pin_none() -> None:
    pins = dict(re.findall(r"^([a-z0-9-]+)==(\S+)", _read("requirements.txt"), re.MULTILINE))
    for name, requirement in _requirements(_read("requirements-airflow.txt")).items():
        assert requirement.specifier.contains(pins[name]), name
        assert all(one.operator in (">=", "<") for one in requirement.specifier), name
