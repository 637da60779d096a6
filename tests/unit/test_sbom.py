"""``make sbom``: the list of what is installed."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]
PIN = re.compile(r"^([\w.-]+)(?:\[[^\]]*\])?==([^\s;]+)", re.MULTILINE)


def test_the_sbom_names_every_pin(tmp_path: Path) -> None:
    target = tmp_path / "sbom.json"
    recipe = subprocess.run(
        ["make", "--no-print-directory", "--dry-run", "sbom", f"SBOM={target}"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    command = [
        *shlex.split(recipe.stdout.splitlines()[-1]),
        "--no-validate",
    ]  # validating takes eight seconds
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    bom = json.loads(target.read_text(encoding="utf-8"))

    pins = PIN.findall((ROOT / "requirements.txt").read_text(encoding="utf-8"))
    assert len(pins) > 100
    assert sorted((one["name"], one["version"]) for one in bom["components"]) == sorted(pins)
    assert (bom["bomFormat"], bom["metadata"]["component"]["name"]) == ("CycloneDX", "daywatch")
    assert all(one["purl"].startswith("pkg:pypi/") for one in bom["components"])
