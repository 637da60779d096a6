"""The documentation compared with the code: neither may have something that the other lacks."""

import ast
import re
import textwrap
import tomllib
from collections.abc import Iterator
from dataclasses import fields
from enum import StrEnum
from pathlib import Path
from typing import Any, get_args
from xml.etree import ElementTree

import pytest
import sqlalchemy as sa
import typer
import yaml
from daywatch.artifacts import BaselineFolder, WindowFolder
from daywatch.cli import app as cli
from daywatch.cli import exit_codes, interrupt
from daywatch.config.deployment import connections
from daywatch.config.deployment.settings import DeploymentSettings
from daywatch.config.drift_methods import L_INFINITY, METHODS, ROW_LIMITS
from daywatch.config.loading.load import load_model
from daywatch.config.metrics import METRICS
from daywatch.config.model.capture import SOURCE_MODELS
from daywatch.config.model.conditions import Condition
from daywatch.config.model.model import MonitoredModel
from daywatch.config.model.persistence import Persistence
from daywatch.ingest.reading.quarantine import Reason
from daywatch.notify.decide import MailKind
from daywatch.results import FindingCode, State
from daywatch.retrain.trainer import TrainedModel, TrainingRequest
from daywatch.warehouse.incident_tables import metadata
from daywatch.warehouse.migrate import upgrade
from pydantic import BaseModel
from pydantic.fields import FieldInfo

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md")])
DECISIONS = sorted((DOCS / "decisions").glob("*.md"))
EXAMPLE = ROOT / "include" / "models" / "flights.yaml"
PACKAGE = ROOT / "include" / "daywatch"
MADE_BY_THE_READER = {"include/models/delays.yaml", "include/suites"}
MADE_BY_MAKE = (".venv/", ".daywatch/")
OF_OTHERS = {"airflow_local_settings.py", "evidently/__init__.py", "great_expectations/__init__.py"}
"""Files of Airflow and of libraries that the documentation names."""

FENCE = re.compile(r"^( *)```(\w*)\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"`([^`\n]+)`")
PATH = re.compile(r"[\w.*-]+(?:/[\w.*-]+)*/?")
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)


def _name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def _prose(path: Path) -> str:
    """Return a page without its fenced blocks."""
    return FENCE.sub("", path.read_text(encoding="utf-8"))


def _blocks(*languages: str) -> list[Any]:
    """Return every fenced block of these languages as a test case."""
    return [
        pytest.param(textwrap.dedent(body), id=f"{_name(path)}-{number}")
        for path in PAGES
        for number, (_, language, body) in enumerate(FENCE.findall(path.read_text(encoding="utf-8")), start=1)
        if language in languages
    ]


def _section(page: Path, heading: str) -> str:
    """Return the text from a heading to the next one of its level or above."""
    text = page.read_text(encoding="utf-8")
    start = re.search(rf"^(#+) {re.escape(heading)}$", text, re.MULTILINE)
    assert start, f"{_name(page)} has no heading {heading!r}"
    rest = text[start.end() :]
    end = re.search(rf"^#{{1,{len(start.group(1))}}} ", rest, re.MULTILINE)
    return rest[: end.start()] if end else rest


def _rows(text: str) -> dict[str, list[str]]:
    """Return the rows of the tables: their first cell, if it is code, and the other cells."""
    rows: dict[str, list[str]] = {}
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split(" | ")]
        if line.startswith("|") and (code := re.fullmatch(r"`([^`]+)`", cells[0])):
            assert code.group(1) not in rows, f"{code.group(1)} has two rows"
            rows[code.group(1)] = cells[1:]
    return rows


# --- Configuration -----------------------------------------------------------------------------------------


OTHER_SOURCES = {name: section for name, section in SOURCE_MODELS.items() if name != "sagemaker_realtime"}
"""The sources of captures whose keys have tables of their own."""


def _inner(annotation: Any) -> list[type[BaseModel]]:
    """Return the sections inside ``X | None``, ``tuple[X, ...]`` or ``X | Y``; a condition is text in the YAML."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        texts = (Condition, Persistence)
        return [] if annotation in (*texts, *OTHER_SOURCES.values()) else [annotation]
    return [found for argument in get_args(annotation) for found in _inner(argument)]


def _keys(section: type[BaseModel] = MonitoredModel, prefix: str = "") -> Iterator[tuple[str, FieldInfo]]:
    for name, field in section.model_fields.items():
        yield f"{prefix}{field.alias or name}", field
        # The other sources of captures have tables of their own.
        shapes = [SOURCE_MODELS["sagemaker_realtime"]] if name == "capture" else _inner(field.annotation)
        for inner in shapes:
            is_list = "tuple" in str(field.annotation)
            yield from _keys(inner, f"{prefix}{name}{'[]' if is_list else ''}.")


def _written_default(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    value = field.get_default(call_default_factory=True)
    if isinstance(value, BaseModel):
        return "as below"
    if value is None:
        return "none"
    if value in ("", (), {}):
        return "empty"
    if isinstance(value, tuple):
        return f"`{', '.join(value)}`"
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


def _words(annotation: Any) -> Iterator[str]:
    """Yield the words that a key accepts."""
    if isinstance(annotation, type) and issubclass(annotation, StrEnum):
        yield from annotation
    for argument in get_args(annotation):
        if isinstance(argument, str):
            yield argument
        else:
            yield from _words(argument)


CONFIGURATION = DOCS / "configuration.md"
KEYS = dict(sorted(_keys(), key=lambda one: not one[1].is_required()))
"""The fields by key. If several sources have a key, the field is that of one that does not require it."""
SOURCES = {
    name: dict(_keys(section, "capture."))
    for name, section in SOURCE_MODELS.items()
    if name != "sagemaker_realtime"
}


def test_the_keys_of_the_yaml_are_those_of_the_code() -> None:
    assert len(KEYS) > 50
    assert set(_rows(_section(CONFIGURATION, "Keys"))) == set(KEYS)


@pytest.mark.parametrize("key", KEYS)
def test_a_key_has_its_default_and_its_words(key: str) -> None:
    _, default, meaning = _rows(_section(CONFIGURATION, "Keys"))[key]
    assert default == _written_default(KEYS[key])
    assert meaning.endswith((".", ".)"))


def test_a_key_means_the_same_in_every_shape_of_its_section() -> None:
    defaults: dict[str, set[str]] = {}
    for key, field in _keys():
        if not key.endswith(".source"):
            defaults.setdefault(key, set()).add(_written_default(field))
    # What only some of the shapes need is optional in the others.
    assert {key: found for key, found in defaults.items() if len(found - {"required"}) > 1} == {}


@pytest.mark.parametrize("source", SOURCES)
def test_the_keys_of_a_source_are_those_of_the_code(source: str) -> None:
    rows = _rows(_section(CONFIGURATION, f"`{source}`"))
    assert {key: cells[1] for key, cells in rows.items()} == {
        key: _written_default(field) for key, field in SOURCES[source].items()
    }
    for key, cells in rows.items():
        assert cells[2].endswith(".")
        assert [word for word in _words(SOURCES[source][key].annotation) if f"`{word}`" not in cells[0]] == []


@pytest.mark.parametrize("key", [key for key, field in KEYS.items() if any(_words(field.annotation))])
def test_a_key_has_the_words_that_it_accepts(key: str) -> None:
    row = " ".join(_rows(_section(CONFIGURATION, "Keys"))[key])
    words = {word for name, field in _keys() if name == key for word in _words(field.annotation)}
    assert [word for word in sorted(words) if f"`{word}`" not in row] == []


def test_the_metrics_are_those_of_the_code() -> None:
    rows = _rows(_section(CONFIGURATION, "Metrics"))
    documented = {name: (cells[0], cells[1], cells[2]) for name, cells in rows.items()}
    tasks = {
        (): "all",
        ("binary_classification",): "binary",
        ("binary_classification", "multiclass_classification"): "binary, multiclass",
        ("regression",): "regression",
    }
    about = {(True, False): "column", (False, True): "window or class", (False, False): "window"}
    assert documented == {
        name: (
            one.kind.value,
            "slice" if one.of_slice else about[one.per_column, bool(one.of_class)],
            tasks[one.tasks],
        )
        for name, one in METRICS.items()
    }


def test_the_drift_methods_are_those_of_the_code() -> None:
    kinds = {"num": "numeric", "cat": "categorical", "text": "text"}
    rows = _rows(_section(CONFIGURATION, "Drift methods"))
    assert {name: cells[0] for name, cells in rows.items()} == {
        name: ", ".join(sorted(kinds[kind] for kind in columns)) for name, columns in METHODS.items()
    }
    for name, limit in ROW_LIMITS.items():
        assert f"{limit:,} rows" in " ".join(rows[name])


def test_the_thresholds_of_drift_methods_are_evidentlys() -> None:
    from evidently.legacy.calculations import stattests
    from evidently.legacy.calculations.stattests.registry import StatTest

    tests = [test for test in vars(stattests).values() if isinstance(test, StatTest)]
    rows = _rows(_section(CONFIGURATION, "Drift methods"))
    assert {name: cells[2] for name, cells in rows.items() if name not in L_INFINITY} == {
        test.name: str(test.default_threshold) for test in tests
    }


def _strings(*folders: str) -> Iterator[str]:
    """Yield every string in the code of these folders."""
    for path in (path for folder in folders for path in (ROOT / folder).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.value


def test_the_variables_and_connections_are_those_of_the_code() -> None:
    code = {
        text
        for text in _strings("include/daywatch", "dags", "plugins")
        if re.fullmatch(r"(DAYWATCH|MALLOC)_[A-Z]+(_[A-Z]+)*", text)
    }
    code |= {f"DAYWATCH_{name.upper()}" for name in DeploymentSettings.model_fields}
    code |= {value for name, value in vars(connections).items() if name.endswith("_CONNECTION")}
    assert len(code) > 6
    assert set(_rows(_section(CONFIGURATION, "Deployment"))) == code


@pytest.mark.parametrize(
    ("module", "connection"),
    [("s3_client.py", "S3_CONNECTION"), ("notify/smtp.py", "SMTP_CONNECTION")],
)
def test_the_extras_of_a_connection_are_documented(module: str, connection: str) -> None:
    source = (PACKAGE / module).read_text(encoding="utf-8")
    extras = set(re.findall(r"extra(?:\.get\(|\[)\"(\w+)\"", source))
    assert extras
    row = " ".join(_rows(_section(CONFIGURATION, "Deployment"))[getattr(connections, connection)])
    assert [extra for extra in sorted(extras) if extra not in row] == []


# --- Command line ------------------------------------------------------------------------------------------

COMMAND_LINE = DOCS / "command-line.md"


def _commands(command: Any, path: str) -> Iterator[tuple[str, Any]]:
    if not hasattr(command, "commands"):
        yield path, command
        return
    for name, inner in command.commands.items():
        yield from _commands(inner, f"{path} {name}")


COMMANDS = dict(_commands(typer.main.get_command(cli.app), "daywatch"))


def test_the_commands_are_those_of_the_code() -> None:
    headings = re.findall(r"^### `(daywatch [^`]+)`$", COMMAND_LINE.read_text(encoding="utf-8"), re.MULTILINE)
    assert sorted(headings) == sorted(COMMANDS)


@pytest.mark.parametrize("path", COMMANDS)
def test_the_options_of_a_command_are_those_of_the_code(path: str) -> None:
    documented = set(_rows(_section(COMMAND_LINE, f"`{path}`")))
    options = {
        ", ".join(parameter.opts) if parameter.param_type_name == "option" else parameter.name.upper()
        for parameter in COMMANDS[path].params
    }
    assert documented == options


def test_the_exit_codes_are_those_of_the_code() -> None:
    of_errors = (code for _, code in exit_codes.OF_ERROR)
    codes = {0, exit_codes.DECLINED, interrupt.EXIT_CODE, *of_errors, *exit_codes.OF_STATE.values()}
    rows = _rows(_section(COMMAND_LINE, "Exit codes"))
    assert set(rows) == {str(code) for code in codes}
    for state, code in exit_codes.OF_STATE.items():
        assert state in " ".join(rows[str(code)])


TARGETS = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))


@pytest.mark.parametrize("block", _blocks("bash"))
def test_shell_examples_call_what_exists(block: str) -> None:
    for line in re.sub(r"\\\n\s*", "", block).splitlines():
        words = line.partition(" #")[0].split()
        if words[:1] == ["make"]:
            assert set(words[1:]) <= TARGETS
        if words and words[0].endswith("daywatch"):
            call = " ".join(words[1:])
            path = next((path for path in COMMANDS if f"daywatch {call} ".startswith(f"{path} ")), None)
            assert path, f"there is no command {line!r}"
            options = {option for parameter in COMMANDS[path].params for option in parameter.opts}
            assert {word for word in words if word.startswith("-")} <= options


# --- Warehouse ---------------------------------------------------------------------------------------------

WAREHOUSE = DOCS / "warehouse.md"


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> sa.Engine:
    url = f"sqlite:///{tmp_path_factory.mktemp('warehouse') / 'warehouse.sqlite'}"
    upgrade(url)
    return sa.create_engine(url)


def test_the_tables_are_those_of_the_code() -> None:
    headings = re.findall(r"^### `(\w+)`$", _section(WAREHOUSE, "Tables"), re.MULTILINE)
    assert headings == sorted(metadata.tables)


@pytest.mark.parametrize("name", metadata.tables)
def test_the_columns_of_a_table_are_those_of_the_code(name: str) -> None:
    columns = set(metadata.tables[name].columns.keys())
    key = set(_rows(_section(WAREHOUSE, "The key")))
    documented = set(_rows(_section(WAREHOUSE, f"`{name}`")))
    assert documented == (columns - key if key <= columns else columns)


def test_the_views_are_those_of_the_migrations(warehouse: sa.Engine) -> None:
    views = set(sa.inspect(warehouse).get_view_names())
    assert set(_rows(_section(WAREHOUSE, "Views"))) == views


@pytest.mark.parametrize("block", _blocks("sql"))
def test_queries_run(warehouse: sa.Engine, block: str) -> None:
    statements = [statement for statement in block.split(";") if statement.strip()]
    assert statements
    with warehouse.connect() as connection:
        for statement in statements:
            connection.execute(sa.text(statement)).all()


def test_the_findings_are_those_of_the_code() -> None:
    assert set(_rows(_section(WAREHOUSE, "Findings"))) == set(FindingCode)


# --- Runbook, retraining, architecture ---------------------------------------------------------------------


def test_the_runbook_says_what_to_do_at_every_state() -> None:
    text = (DOCS / "runbook.md").read_text(encoding="utf-8")
    bad = [state for state in State if state is not State.GREEN]
    assert [word for word in (*bad, "FAILED", "LATE") if f"\n## {word}" not in text] == []


def test_the_reasons_of_quarantine_are_those_of_the_code() -> None:
    assert set(_rows(_section(DOCS / "runbook.md", "Quarantine"))) == set(Reason)


def test_the_kinds_of_mail_are_those_of_the_code() -> None:
    assert set(_rows(_section(DOCS / "runbook.md", "When a mail is sent"))) == set(MailKind)


@pytest.mark.parametrize("shape", [TrainingRequest, TrainedModel])
def test_the_trainers_signature_is_that_of_the_code(shape: type) -> None:
    documented = _rows(_section(DOCS / "retraining.md", f"`{shape.__name__}`"))
    assert list(documented) == [field.name for field in fields(shape)]


def test_the_modules_are_those_of_the_package() -> None:
    modules = {path.name for path in PACKAGE.glob("*.py") if path.name != "__init__.py"}
    modules |= {f"{path.parent.relative_to(PACKAGE)}/" for path in PACKAGE.glob("*/**/__init__.py")}
    assert set(_rows(_section(DOCS / "architecture.md", "Modules"))) == modules


def test_the_layers_are_those_of_the_contract() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
    layers = next(one["layers"] for one in contracts["contracts"] if one["id"] == "layers")
    table = _section(DOCS / "architecture.md", "Layers")
    documented = [
        line.split(" | ")[0].removeprefix("| ") for line in table.splitlines() if line.startswith("| ")
    ]
    assert documented[2:] == [layer.replace(" | ", ", ") for layer in layers]


def test_the_dag_files_are_those_of_the_folder() -> None:
    files = {f"dags/{path.name}" for path in (ROOT / "dags").glob("*.py")}
    assert set(_rows(_section(DOCS / "architecture.md", "DAGs"))) == files


@pytest.mark.parametrize(
    ("folder", "heading"),
    [(WindowFolder("m", "w", "r"), "A window"), (BaselineFolder("m", "b"), "A baseline")],
)
def test_the_artifacts_are_those_of_the_layout(folder: Any, heading: str) -> None:
    properties = [name for name, value in vars(type(folder)).items() if isinstance(value, property)]
    keys = {getattr(folder, name).rpartition("/")[2] for name in properties if name != "prefix"}
    assert set(_rows(_section(DOCS / "architecture.md", heading))) == keys


# --- Glossary ----------------------------------------------------------------------------------------------

GLOSSARY = DOCS / "glossary.md"
WORD = re.compile(r"^\| \*\*(.+?)\*\* \| (.+?) \| (?:`(\w+)` )?\| (?:.+ )?\|$", re.MULTILINE)
WORDS = WORD.findall(GLOSSARY.read_text(encoding="utf-8"))


def test_the_words_are_in_order_and_each_is_there_once() -> None:
    words = [word.lower() for word, _, _ in WORDS]
    assert len(words) == GLOSSARY.read_text(encoding="utf-8").count("\n| **")
    assert words == sorted(set(words))
    assert [meaning for _, meaning, _ in WORDS if not meaning.endswith(".")] == []


def test_each_section_of_the_yaml_is_a_word() -> None:
    who_and_what = ("model", "namespace", "description", "owner", "contacts", "tier")
    sections = {name for name in MonitoredModel.model_fields if name not in who_and_what}
    assert {key for _, _, key in WORDS if key} == sections


def test_states_stages_and_kinds_of_metrics_are_in_the_glossary() -> None:
    words = {word: meaning for word, meaning, _ in WORDS}
    assert [state for state in State if state not in words] == []
    assert [
        kind for kind in {one.kind for one in METRICS.values()} if f"`{kind}`" not in words["metric"]
    ] == []
    monitor = (ROOT / "include" / "daywatch" / "orchestration" / "dags" / "monitor.py").read_text(
        encoding="utf-8"
    )
    stages = re.findall(r"@stage_task\ndef (\w+)", monitor)
    assert stages
    assert [stage for stage in stages if f"`{stage}`" not in words["stage"]] == []


# --- Examples, links, decisions ----------------------------------------------------------------------------


def _example_data(block: str) -> dict[str, Any]:
    """Return a whole model as it is, and for a part, the flights model with that part replaced."""
    data = yaml.safe_load(block)
    assert isinstance(data, dict)
    if "model" in data:
        return data
    example = yaml.safe_load(EXAMPLE.read_text(encoding="utf-8"))
    if "features" in data:
        del example["slices"]  # they name features
    return {**example, **data}


@pytest.mark.parametrize("block", _blocks("yaml"))
def test_yaml_examples_load(block: str, tmp_path: Path) -> None:
    data = _example_data(block)
    path = tmp_path / f"{data['model']}.yaml"
    path.write_text(block if "model" in yaml.safe_load(block) else yaml.safe_dump(data), encoding="utf-8")
    assert load_model(path).model == data["model"]


@pytest.mark.parametrize("block", _blocks("python"))
def test_python_examples_compile(block: str) -> None:
    compile(block, "example", "exec")


def _anchors(path: Path) -> set[str]:
    kept = (re.sub(r"[^\w\- ]", "", heading.lower()) for heading in HEADING.findall(_prose(path)))
    return {heading.replace(" ", "-") for heading in kept}


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_links_lead_somewhere(page: Path) -> None:
    dead = []
    for target in LINK.findall(_prose(page)):
        if target.startswith(("https://", "http://", "mailto:")):
            continue
        path, _, anchor = target.partition("#")
        file = (page.parent / path).resolve() if path else page
        if not file.exists() or (anchor and anchor not in _anchors(file)):
            dead.append(target)
    assert dead == []


def _paths(page: Path) -> Iterator[str]:
    """Yield the names in backticks that are paths: of this repository, or relative to the package."""
    entries = {path.name for folder in (ROOT, PACKAGE) for path in folder.iterdir()}
    for name in CODE.findall(_prose(page)):
        known = name.partition("/")[0] in entries
        if PATH.fullmatch(name) and (known or name.endswith(("/", ".py", ".md", ".toml", ".in", ".yml"))):
            yield name


def _exists(name: str) -> bool:
    return any(
        any(folder.glob(name)) if "*" in name else (folder / name).exists() for folder in (ROOT, PACKAGE)
    )


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_files_that_are_named_exist(page: Path) -> None:
    named = {name for name in _paths(page) if not name.startswith(MADE_BY_MAKE)}
    assert [name for name in sorted(named - MADE_BY_THE_READER - OF_OTHERS) if not _exists(name)] == []


def _defined(name: str) -> bool:
    """Return whether a dotted name is a module of ours, or is defined in one."""
    parts = re.split(r"[.:]", name)
    for length in range(len(parts), 0, -1):
        path = ROOT.joinpath("include", *parts[:length])
        file = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
        if file.exists():
            rest = parts[length:]
            return not rest or bool(
                re.search(rf"^(?:def |class |){rest[0]}\b", file.read_text("utf-8"), re.M)
            )
    return False


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_modules_and_targets_that_are_named_exist(page: Path) -> None:
    code = CODE.findall(_prose(page))
    modules = [name for name in code if re.fullmatch(r"daywatch(?:_demo)?(?:\.\w+)+(?::\w+)?", name)]
    assert [name for name in modules if not _defined(name)] == []
    targets = [target for name in code for target in re.findall(r"^make ([a-z-]+)$", name)]
    assert [target for target in targets if target not in TARGETS] == []


@pytest.mark.parametrize("drawing", sorted(DOCS.rglob("*.svg")), ids=_name)
def test_a_drawing_speaks_to_screen_readers_and_has_a_dark_form(drawing: Path) -> None:
    svg = drawing.read_text(encoding="utf-8")
    root = ElementTree.fromstring(svg)  # noqa: S314 - our own file
    named = {child.get("id") for child in root if child.text and child.tag.endswith(("}title", "}desc"))}
    assert set(root.get("aria-labelledby", "").split()) == named == {"title", "desc"}
    assert "prefers-color-scheme: dark" in svg


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_each_picture_has_a_text(page: Path) -> None:
    assert "![](" not in _prose(page)


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_nothing_of_one_machine_is_written_down(page: Path) -> None:
    assert re.findall(r"(?:/home|/root|/work|/Users)/\w+", page.read_text(encoding="utf-8")) == []


def test_decisions_are_numbered_without_gaps() -> None:
    numbers = [int(path.name[:4]) for path in DECISIONS]
    assert numbers == list(range(1, len(DECISIONS) + 1))


@pytest.mark.parametrize("page", DECISIONS, ids=_name)
def test_a_decision_is_short_and_whole(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert HEADING.findall(text)[1:] == ["Context", "Decision", "Consequences"]
    assert text.startswith(f"# {page.name[:4]} ")
    lists = ("0001-record-decisions.md", "0002-dependencies.md")
    assert len(text.splitlines()) <= 40 or page.name in lists
    assert f"({page.name})" in (DOCS / "decisions" / "0001-record-decisions.md").read_text(encoding="utf-8")


def test_each_dependency_has_its_reason() -> None:
    entries = [
        re.split(r"[=<>~\[]", line)[0].strip()
        for name in ("requirements.in", "requirements-dev.in")
        for line in (ROOT / name).read_text(encoding="utf-8").splitlines()
        if line.strip() and not line.startswith(("#", "-"))
    ]
    assert len(entries) > 30
    assert list(_rows((DOCS / "decisions" / "0002-dependencies.md").read_text(encoding="utf-8"))) == entries
