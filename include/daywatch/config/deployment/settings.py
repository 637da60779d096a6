"""The variables ``DAYWATCH_*`` of a deployment, read with pydantic-settings."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, ByteSize, Field, ValidationError
from pydantic_settings import BaseSettings, EnvSettingsSource, PydanticBaseSettingsSource, SettingsConfigDict

from daywatch.config.deployment.secrets import hidden, without_login
from daywatch.engine.budget import LEAST_MEMORY
from daywatch.engine.settings import EngineSettings
from daywatch.errors import SetupError

PROJECT = Path(__file__).resolve().parents[4]
"""The checkout: the folder of dags/, plugins/ and include/."""

_PREFIX = "DAYWATCH_"

_EXPECTED = {
    "data_uri": "s3://bucket/prefix or a folder, without a login: keys belong into the connection daywatch_s3",
    "artifacts_uri": "s3://bucket/prefix or a folder, without a login: keys belong into the connection daywatch_s3",
    "engine_memory": "a size such as 2GB or 512MiB, at least 64MB",
    "engine_threads": "a whole number from 1 to 9999, such as 4",
    "library_patches": "on or off",
}
"""What a variable accepts, with an example; every other variable accepts any text."""


def _one_size(value: Any) -> Any:
    """Refuse what follows the unit of a size: ``ByteSize`` itself ignores it."""
    if isinstance(value, str) and not value.replace(".", "", 1).replace(" ", "", 1).isalnum():
        msg = "not a number with a unit"
        raise ValueError(msg)
    return value


def _no_login(value: str) -> str:
    """Refuse an address with a login, which would be shown wherever the address is."""
    if without_login(value) != value:
        msg = "an address with a login"
        raise ValueError(msg)
    return value


class DeploymentSettings(BaseSettings):
    """The variables of a deployment, as docs/configuration.md lists them; an empty one counts as not set.

    Attributes:
        data_uri: Where captures and labels are: ``s3://bucket[/prefix]`` or a local folder.
        artifacts_uri: Where Daywatch writes: same form as ``data_uri``.
        airflow_url: Base address of the Airflow UI for links in mails, empty for none.
        models: Folder of the models' YAML files.
        suites: Folder of the expectation suites that people edit.
        engine_memory: Bytes that DuckDB may take; None for a share of the machine's memory.
        engine_threads: Processors that a task works on; None for all of the machine.
        library_patches: Whether Evidently and Plotly are patched while they plot; the results are the same.
        scratch: Where scratch folders are made; None for the system's folder of temporary files.
    """

    model_config = SettingsConfigDict(env_prefix=_PREFIX, env_ignore_empty=True, extra="ignore", frozen=True)

    data_uri: Annotated[str, AfterValidator(_no_login)] = str(PROJECT / ".daywatch" / "local" / "data")
    artifacts_uri: Annotated[str, AfterValidator(_no_login)] = str(
        PROJECT / ".daywatch" / "local" / "artifacts"
    )
    airflow_url: str = ""
    models: Path = PROJECT / "include" / "models"
    suites: Path = PROJECT / "include" / "suites"
    engine_memory: Annotated[ByteSize, Field(ge=LEAST_MEMORY), BeforeValidator(_one_size)] | None = None
    engine_threads: Annotated[int, Field(ge=1, le=9999)] | None = None
    library_patches: Literal["on", "off"] = "on"
    scratch: Path | None = None

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003 - the signature is pydantic-settings' own
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Take values only from ``read_settings``, and nothing else from the environment of the process."""
        return (init_settings,)

    @property
    def engine(self) -> EngineSettings:
        """What DuckDB may take; where a variable is not set, as much as the machine gives."""
        given = {"memory": self.engine_memory, "threads": self.engine_threads, "folder": self.scratch}
        return EngineSettings(**{name: value for name, value in given.items() if value is not None})  # type: ignore[arg-type]


def read_settings(environment: Mapping[str, str]) -> DeploymentSettings:
    """Read the settings of a deployment.

    Args:
        environment: The process environment, or the variables of a dotenv file.

    Raises:
        SetupError: A variable has a value that it does not accept; the error names all such variables.
    """
    source = EnvSettingsSource(DeploymentSettings)
    source.env_vars = {name.lower(): value for name, value in environment.items() if value}
    try:
        return DeploymentSettings(**source())
    except ValidationError as error:
        names = dict.fromkeys(str(detail["loc"][0]) for detail in error.errors())
        raise SetupError(" ".join(_refused(name, environment) for name in names)) from None


def _refused(name: str, environment: Mapping[str, str]) -> str:
    """Return the error for a variable: its name, its value and what it accepts."""
    variable = _PREFIX + name.upper()
    return f"{variable} is {hidden(environment[variable], ())!r}, expected {_EXPECTED[name]}."
