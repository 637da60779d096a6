"""Where everything lies."""

from __future__ import annotations

from daywatch.artifacts import BaselineFolder, WindowFolder


def keys(folder: object) -> dict[str, str]:
    properties = [name for name, value in vars(type(folder)).items() if isinstance(value, property)]
    return {name: getattr(folder, name) for name in properties if name != "prefix"}


def test_a_windows_folder() -> None:
    folder = WindowFolder("shop", "2024-03-03", "abc")

    assert folder.prefix == "shop/windows/2024-03-03/abc"
    assert folder.inferences == "shop/windows/2024-03-03/abc/inferences.parquet"
    found = keys(folder)
    assert len(set(found.values())) == len(found)
    assert all(key.startswith(folder.prefix + "/") for key in found.values())


def test_a_baselines_folder() -> None:
    folder = BaselineFolder("shop", "2024-03-01_x")

    assert folder.prefix == "shop/baselines/2024-03-01_x"
    found = keys(folder)
    assert len(set(found.values())) == len(found) == 10
