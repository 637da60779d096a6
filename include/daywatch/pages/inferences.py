"""The page of a model's stored inferences: the question is in the address, the code is that of ``daywatch rows``."""

from __future__ import annotations

import logging
import shlex
from enum import StrEnum
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from daywatch.config.deployment.deployment import Deployment
from daywatch.errors import SetupError
from daywatch.pages.access import DeploymentDep, ModelName, Reader, may_read_model
from daywatch.pages.configuration import known_model
from daywatch.pages.responses import headers, message, page
from daywatch.rows.forms import as_csv, as_parquet
from daywatch.rows.question import Question
from daywatch.rows.stored_rows import StoredRows, stored_rows
from daywatch.warehouse.history import judged_windows
from daywatch.warehouse.reading.pool import reading
from daywatch.window import Window

log = logging.getLogger("daywatch.pages")
router = APIRouter(dependencies=[Depends(may_read_model)])

_PAGE = 100
_DOWNLOADED = 10_000
"""Rows of a downloaded file at most; ``daywatch rows`` prints more."""

_LONGEST_SQL = 50_000
"""Characters of SQL on a page at most."""


class DownloadForm(StrEnum):
    """The form of a downloaded file, as its address names it."""

    CSV = "csv"
    PARQUET = "parquet"


class AddressedQuestion(BaseModel):
    """The question that the address of the page asks.

    Attributes:
        first: The first day; empty, like the last one, for the newest judged window.
        last: The last day.
        where: Expression on a row.
        order: Column to sort by.
        page: Number of the page.
    """

    model_config = ConfigDict(frozen=True)

    first: str = Field("", alias="from", max_length=10)
    last: str = Field("", alias="to", max_length=10)
    where: str = Field("", max_length=4000)
    order: str = Field("inference_time", max_length=300)
    page: int = Field(1, ge=1, le=1000)

    def query(self, page: int) -> str:
        """Return the query of the address of a page of the same rows."""
        return urlencode({**self.model_dump(by_alias=True), "page": page})


Asked = Annotated[AddressedQuestion, Query()]


@router.get("/{model}/inferences")
def inferences(
    request: Request, model: ModelName, deployment: DeploymentDep, reader: Reader, asked: Asked
) -> Response:
    """Show a page of rows."""
    asked, found, problem = _answer(model, deployment, reader, asked, (asked.page - 1) * _PAGE, _PAGE)
    command = shlex.join(
        ("daywatch", "rows", "--model", model, "--from", asked.first, "--to", asked.last)
        + (("--where", asked.where) if asked.where.strip() else ())
        + ("--order", asked.order, "--limit", str(_PAGE))
    )
    return page(
        request,
        "inferences.html.j2",
        400 if problem else 200,
        model=model,
        asked=asked,
        found=found,
        problem=problem,
        command=command,
        more=found is not None and found.matching > asked.page * _PAGE,
        downloaded=_DOWNLOADED,
        longest=_LONGEST_SQL,
    )


@router.get("/{model}/inferences.{form}")
def download(
    request: Request,
    model: ModelName,
    form: DownloadForm,
    deployment: DeploymentDep,
    reader: Reader,
    asked: Asked,
) -> Response:
    """Send the first rows as a file."""
    asked, found, problem = _answer(model, deployment, reader, asked, 0, _DOWNLOADED)
    if found is None:
        return message(request, 400, problem, model=model)
    named = {"Content-Disposition": f'attachment; filename="{model}.{form}"'}
    if form is DownloadForm.PARQUET:
        return Response(as_parquet(found), 200, headers() | named, "application/vnd.apache.parquet")
    return Response(as_csv(found), 200, headers() | named, "text/csv; charset=utf-8")


def _answer(
    name: str, deployment: Deployment, reader: str, asked: AddressedQuestion, offset: int, limit: int
) -> tuple[AddressedQuestion, StoredRows | None, str]:
    """Return the question with its days, the rows, and without rows the reason."""
    if not (asked.first and asked.last):
        asked = asked.model_copy(update=_newest_days(name, deployment))
    model, problem = known_model(name, deployment)
    if model is None:
        return asked, None, problem
    try:
        days = model.schedule.between(asked.first, asked.last)
        found = stored_rows(model, days, Question(asked.where, asked.order, limit, offset), deployment)
    except ValueError as error:
        return asked, None, str(error)
    except SetupError as error:
        log.warning("%s: %s", name, error)
        text = "There are no stored rows of these days: they were not judged, or the rows were deleted. Choose others."
        return asked, None, text
    log.info("%s looked at %d rows of %s, %s", reader, len(found.rows), name, days)
    return asked, found, ""


def _newest_days(name: str, deployment: Deployment) -> dict[str, str]:
    with reading(deployment.warehouse_url) as connection:
        newest = judged_windows(connection, name, limit=1)
    if not newest:
        return {}
    days = Window.parse(newest[0].window)
    return {"first": days.first.isoformat(), "last": days.last.isoformat()}
