"""A trainer in a process of its own, with bounds on memory and time."""

from __future__ import annotations

import json
import logging
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from daywatch.errors import SetupError, TrainerError
from daywatch.formatting import number
from daywatch.retrain.artifact import check_format
from daywatch.retrain.child import REQUEST, RESULT
from daywatch.retrain.trainer import TrainedModel, check_trainer
from daywatch.text import shown

if TYPE_CHECKING:
    from daywatch.config.model.model import MonitoredModel
    from daywatch.config.model.retraining import Retraining
    from daywatch.retrain.training_set import TrainingSet

logger = logging.getLogger("daywatch")

_LOGGED_LINES = 200
"""Lines of a trainer's output, the last ones, that become log lines of ours."""

_READ = 1 << 20
"""Bytes of a trainer's output that are read, the last ones."""

_UNITS = {"Mi": 1 << 20, "Gi": 1 << 30}


def run_trainer(model: MonitoredModel, models: Path, rows: TrainingSet, scratch: Path) -> TrainedModel:
    """Run the model's trainer, and check what it made.

    Args:
        model: The model's configuration.
        models: Folder of the models' YAML files.
        rows: The rows to train and to evaluate on.
        scratch: Folder for the exchange and for the trained model.

    Raises:
        SetupError: The model has no trainer, or the trainer's file is missing or runs code when it is read.
        ConfigurationError: There is no such trainer.
        TrainerError: The trainer failed, or needed more memory or time than it may.
    """
    settings = model.retraining
    if settings is None:
        msg = f"The model {model.model!r} has no trainer: add 'retraining' to its YAML."
        raise SetupError(msg)
    check_trainer(model, models / f"{model.model}.yaml")
    folder = scratch / "version"
    folder.mkdir()
    request = {
        "model": model.model,
        "models": str(models.absolute()),
        "training": str(rows.training),
        "held_back": str(rows.requests),
        "folder": str(folder),
        "memory": int(settings.memory[:-2]) * _UNITS[settings.memory[-2:]],
    }
    (scratch / REQUEST).write_text(json.dumps(request), encoding="utf-8")
    _run(settings, scratch)
    result = json.loads((scratch / RESULT).read_bytes())
    files = {name: Path(result[name]) for name in ("artifact", "answers")}
    for name, path in files.items():
        if not path.is_file() or folder.resolve() not in path.resolve().parents:
            msg = (
                f"The trainer {settings.trainer} returned the {name} {shown(str(path))}, expected a file inside "
                "the request's folder."
            )
            raise TrainerError(msg)
    check_format(files["artifact"])
    return TrainedModel(description=result["description"], **files)


def _run(settings: Retraining, scratch: Path) -> None:
    """Run the process to its end, and kill it with all that it has started once its time is over."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(one for one in sys.path if one)}
    log = scratch / "trainer.log"
    with log.open("wb") as output:
        process = subprocess.Popen(  # noqa: S603 - our own module
            [sys.executable, "-m", "daywatch.retrain.child", str(scratch)],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=environment,
            start_new_session=True,
        )
        try:
            code = process.wait(settings.hours * 3600)
        except subprocess.TimeoutExpired:
            limit = f"{number(settings.hours)} hours (retraining.hours)"
            msg = f"The trainer {settings.trainer} took more than {limit} and was stopped."
            raise TrainerError(msg) from None
        finally:
            # Also what the trainer has started, and also if this process is interrupted.
            _kill(process)
    said = [shown(line, 500) for line in _lines_of(log) if line.strip()]
    for line in said[-_LOGGED_LINES:]:
        logger.info("trainer: %s", line)
    if code:
        raise TrainerError(_why(settings, code, said))


def _lines_of(log: Path) -> list[str]:
    """Return the lines of a log; of a long one, those of its last megabyte."""
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - _READ))
        return file.read().decode("utf-8", "replace").splitlines()


def _kill(process: subprocess.Popen[bytes]) -> None:
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        return
    process.wait()


def _why(settings: Retraining, code: int, said: list[str]) -> str:
    """Return why a trainer failed, in a sentence with the last line that it wrote."""
    trainer = f"The trainer {settings.trainer}"
    last = said[-1] if said else "it wrote nothing"
    if any(word in last for word in ("MemoryError", "Unable to allocate", "Out of Memory")):
        return f"{trainer} needs more than {settings.memory} of memory (retraining.memory): {last}."
    how = f"was killed by signal {-code}" if code < 0 else f"failed with exit code {code}"
    return f"{trainer} {how}: {last}."
