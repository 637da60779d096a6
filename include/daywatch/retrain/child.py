"""The process in which a trainer runs: ``python -m daywatch.retrain.child <folder>``, within its bound of memory."""

from __future__ import annotations

import contextlib
import ctypes
import json
import resource
import signal
import sys
from pathlib import Path

REQUEST, RESULT = "request.json", "result.json"
"""The files through which a trainer's process and the one that started it exchange what they know."""

_DIE_WITH_PARENT = 1  # PR_SET_PDEATHSIG of prctl(2)


def main(folder: Path) -> None:
    """Run the trainer that the request in a folder names, and write what it returned.

    Args:
        folder: Folder with the request; the result is written there.
    """
    with contextlib.suppress(OSError, AttributeError):
        # Linux only: a killed task must not leave its training behind.
        ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGKILL)
    request = json.loads((folder / REQUEST).read_bytes())
    resource.setrlimit(resource.RLIMIT_AS, (request["memory"], request["memory"]))
    from daywatch.config.loading.load import find_model
    from daywatch.retrain.trainer import TrainingRequest, load_trainer

    models = Path(request["models"])
    model = find_model(request["model"], models)
    trainer = load_trainer(model, models / f"{model.model}.yaml")
    paths = (Path(request[name]) for name in ("training", "held_back", "folder"))
    trained = trainer(TrainingRequest(model, *paths))
    result = {name: str(getattr(trained, name)) for name in ("artifact", "description", "answers")}
    (folder / RESULT).write_text(json.dumps(result), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
