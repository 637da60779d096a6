"""Batch Transform: manifests, pairs of files, joined inputs, ids and times."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from typing import Any

import models
import pytest
from captures import Endpoint, at
from daywatch.ingest.reading.quarantine import Reason
from sources import manifest, write_files

Export = Callable[..., Any]

HOUR = "2024/03/03/12"
CAPTURE = {"source": "sagemaker_batch", "prefix": "b"}
MOMENT = "2024-03-03T12:00:00Z"
OUT = f"1,0.9,i1,{MOMENT}\n0,0.25,i2,{MOMENT}\n"
IN = "12.5,3,true,DE\n0.5,1,false,FR\n"


class Job:
    """Writes the files of jobs."""

    def __init__(self, endpoint: Endpoint) -> None:
        self.folder = endpoint.folder
        self.uri = str(endpoint.folder)

    def write(self, **files: bytes | str) -> None:
        """Write files of the folder ``f``; ``__`` stands for a dot."""
        texts = {name: text.encode() if isinstance(text, str) else text for name, text in files.items()}
        write_files(self.folder, {f"f/{name.replace('__', '.')}": text for name, text in texts.items()})

    def tell(self, side: str, *names: Any, name: str = "m.json", hour: str = HOUR, prefix: str = "") -> None:
        """Write a manifest."""
        content = manifest(prefix or f"{self.uri}/f/", *names)
        write_files(self.folder, {f"b/{side}/{hour}/{name}": content})


@pytest.fixture
def job(endpoint: Endpoint) -> Job:
    return Job(endpoint)


def rows(exported: Any) -> list[tuple[Any, ...]]:
    return [(row["inference_id"], row["amount"], row["country"], row["prediction"]) for row in exported.rows]


BOTH = [("i1", 12.5, "DE", "1"), ("i2", 0.5, "FR", "0")]


def run(export: Export, day: str = "2024-03-03", **capture: Any) -> Any:
    return export(day, models.model(capture={**CAPTURE, **capture}))


def test_outputs_find_their_inputs_by_name(job: Job, export: Export) -> None:
    """Whatever the order in the manifests, and in whichever manifest of the hour they are named."""
    job.write(a__csv=IN, b__csv="7,7,true,IT\n", a__csv__out=OUT, b__csv__out=f"1,0.5,i3,{MOMENT}")
    job.tell("output", "b.csv.out", "a.csv.out")
    job.tell("input", "b.csv", name="1.json")
    job.tell("input", "a.csv", name="2.json")

    exported = run(export)

    assert sorted(rows(exported)) == [*BOTH, ("i3", 7.0, "IT", "1")]
    assert {row["source_key"] for row in exported.rows} == {"f/a.csv.out", "f/b.csv.out"}
    assert exported.counts.objects == 2


def test_without_a_name_that_fits_the_place_counts(job: Job, export: Export) -> None:
    job.write(x=IN, y=OUT)
    job.tell("output", "y")
    job.tell("input", "x")

    assert rows(run(export)) == BOTH


def test_blank_lines_packed_files_and_line_ends(job: Job, export: Export) -> None:
    job.write(a__csv=gzip.compress(IN.replace("\n", "\r\n\r\n").encode()), a__csv__out="\ufeff" + OUT)
    job.tell("output", "a.csv.out")
    job.tell("input", "a.csv")

    assert rows(run(export)) == BOTH


def test_an_input_with_a_header(job: Job, export: Export) -> None:
    job.write(a__csv="country,amount,member,items\nDE,12.5,true,3\nFR,0.5,false,1\n", a__csv__out=OUT)
    job.tell("output", "a.csv.out")
    job.tell("input", "a.csv")

    assert rows(run(export, payload={"header": True})) == BOTH


def test_more_lines_on_either_side(job: Job, export: Export) -> None:
    job.write(
        a__csv=IN + "1,1,true,DE\n",
        a__csv__out=OUT,
        b__csv="12.5,3,true,DE",
        b__csv__out=OUT.replace("i", "j"),
    )
    job.tell("output", "a.csv.out", "b.csv.out")
    job.tell("input", "a.csv", "b.csv")

    exported = run(export)

    assert [row[0] for row in rows(exported)] == ["i1", "i2", "j1"]
    assert [(bad["source"][-9:], bad["record"], bad["reason"]) for bad in exported.quarantine] == [
        ("a.csv.out", 3, Reason.NO_PREDICTION),
        ("b.csv.out", 2, Reason.NO_INPUT),
    ]


def test_joined_lines_hold_both(job: Job, export: Export) -> None:
    job.write(
        a__out=f'12.5,3,true,"D,E",1,0.9,i1,{MOMENT}\n0.5,1,false,FR,0,0.25,i2,{MOMENT}\n1,0,i3,{MOMENT}'
    )
    job.tell("output", "a.out")

    exported = run(export, joined=True)

    assert rows(exported) == [("i1", 12.5, "D,E", "1"), ("i2", 0.5, "FR", "0")]
    assert exported.reasons == [(3, Reason.VALUE_COUNT)]


@pytest.mark.parametrize("indent", [None, 1])
def test_files_that_are_one_json_array(job: Job, export: Export, indent: int | None) -> None:
    """Without a split type, a transform reads a file as one document and writes one, with an answer an element."""
    requests = [JSON_LINE, {**JSON_LINE, "amount": 0.5, "country": "FR"}]
    generated = [{"SageMakerInferenceId": name, "SageMakerInferenceTime": MOMENT} for name in ("i1", "i2")]
    answers = [
        {"prediction": prediction, "probability": 0.9, **ids}
        for prediction, ids in zip(("1", "0"), generated, strict=True)
    ]
    job.write(a__json=json.dumps(requests, indent=indent), a__json__out=json.dumps(answers, indent=indent))
    job.tell("output", "a.json.out")
    job.tell("input", "a.json")

    assert rows(run(export)) == BOTH


JSON_LINE = {"amount": 12.5, "items": 3, "member": True, "country": "DE"}


@pytest.mark.parametrize("wrapped", [False, True])
def test_joined_json(job: Job, export: Export, wrapped: bool) -> None:
    answer = {"SageMakerOutput": {"prediction": 1, "probability": 0.9}}
    content = {"SageMakerInput": JSON_LINE} if wrapped else JSON_LINE
    ids = {"SageMakerInferenceId": "i1", "SageMakerInferenceTime": MOMENT}
    job.write(a__out=json.dumps({**content, **answer, **ids}))
    job.tell("output", "a.out")

    assert rows(run(export, joined=True)) == BOTH[:1]


def test_joined_json_of_lists(job: Job, export: Export) -> None:
    """What is no object stands under a key of its own."""
    joined = {"SageMakerInput": [12.5, 3, True, "DE"], "SageMakerOutput": [1, 0.9]}
    ids = {"SageMakerInferenceId": "i1", "SageMakerInferenceTime": MOMENT}
    job.write(a__out=json.dumps({**joined, **ids}))
    job.tell("output", "a.out")

    assert rows(run(export, joined=True)) == BOTH[:1]


def test_a_joined_line_without_output_has_no_prediction(job: Job, export: Export) -> None:
    """Also where the input has a key that sounds like one."""
    ids = {"SageMakerInferenceId": "i1", "SageMakerInferenceTime": MOMENT}
    job.write(a__out=json.dumps({**JSON_LINE, "prediction": 1, "probability": 0.9, **ids}))
    job.tell("output", "a.out")

    assert run(export, joined=True).reasons == [(1, Reason.NO_PREDICTION)]


def test_ids_and_times_may_stand_behind_a_blank(job: Job, export: Export) -> None:
    """As in the example of AWS's page."""
    job.write(a__csv=IN, a__csv__out=OUT.replace(",i", ", i").replace(",2024", ", 2024"))
    job.tell("output", "a.csv.out")
    job.tell("input", "a.csv")

    assert rows(run(export)) == BOTH


def test_json_outputs_carry_id_and_time(job: Job, export: Export) -> None:
    answer = {"prediction": 1, "probability": 0.9}
    ids = {"SageMakerInferenceId": "i1", "SageMakerInferenceTime": "2024-03-03T23:59:59Z"}
    lines = [{**answer, **ids}, answer, {**answer, **ids, "SageMakerInferenceTime": "noon"}]
    job.write(a="\n".join([json.dumps(JSON_LINE)] * 4), a__out="\n".join(map(json.dumps, lines)) + "\n{cut")
    job.tell("output", "a.out")
    job.tell("input", "a")

    exported = run(export)

    assert rows(exported) == BOTH[:1]
    assert exported.column("inference_time") == [at("2024-03-03", 23, 59).replace(second=59)]
    assert exported.reasons == [(2, Reason.NO_TIME), (3, Reason.NO_TIME), (4, Reason.NOT_JSON)]


def test_outputs_without_times_take_their_folders(job: Job, export: Export) -> None:
    job.write(a=IN, a__out="1,0.9\n0,0.25\n")
    job.tell("output", "a.out")
    job.tell("input", "a")

    exported = run(export, inference_columns=False)

    assert exported.column("inference_time") == [at("2024-03-03", 12)] * 2
    assert exported.column("event_id") == ["f/a.out#1", "f/a.out#2"]
    assert exported.column("inference_id") == [None, None]
    assert run(export, "2024-03-04", inference_columns=False).counts.records == 0


def test_a_job_may_run_for_hours(job: Job, export: Export) -> None:
    """Its manifest lies in one hour; each record belongs to the day of its own time."""
    late = "2024-03-04T05:00:00Z"
    job.write(a=IN, a__out=OUT.replace(MOMENT, late, 1))
    job.tell("output", "a.out")
    job.tell("input", "a")

    assert [row[0] for row in rows(run(export, "2024-03-03"))] == ["i2"]
    assert [row[0] for row in rows(run(export, "2024-03-04"))] == ["i1"]


def test_only_inputs_were_captured(job: Job, export: Export) -> None:
    job.write(a=IN)
    job.tell("input", "a")

    exported = run(export, payload={"parts": "request"})

    assert exported.column("amount") == [12.5, 0.5]
    assert exported.column("prediction") == [None, None]


def test_only_outputs_were_captured(job: Job, export: Export) -> None:
    job.write(a__out=OUT)
    job.tell("output", "a.out")

    assert run(export, payload={"parts": "response"}).column("prediction") == ["1", "0"]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (f"1,{MOMENT}", Reason.VALUE_COUNT),
        ("1,0.9,i1,noon", Reason.NO_TIME),
        (f'"1,0.9,i1,{MOMENT}', Reason.NOT_CSV),
        (f"1,0.9,i\x001,{MOMENT}", Reason.NUL_CHARACTER),
        (b"1,\xff", Reason.NOT_UTF8),
        (f"1,0.9,0.1,i9,{MOMENT}", Reason.VALUE_COUNT),
        ("1,0.9,i9,2024-03-09T12:00:00Z", Reason.MISPLACED),
    ],
)
def test_a_bad_line(job: Job, export: Export, line: str | bytes, reason: Reason) -> None:
    content = line.encode() if isinstance(line, str) else line
    job.write(a=IN, a__out=OUT.splitlines(keepends=True)[0].encode() + content)
    job.tell("output", "a.out")
    job.tell("input", "a")

    exported = run(export)

    assert exported.reasons == [(2, reason)]
    assert rows(exported) == BOTH[:1]


MANIFESTS: dict[str, bytes] = {
    "empty": b"",
    "not JSON": b"[{",
    "not UTF-8": b"\xff\xfe\x00",
    "a list of nothing": b"[]",
    "an object": b"{}",
    "a text": b'"abc"',
    "a number": b"7",
    "no prefix": b'[{"other": "s3://x"}, "a"]',
    "a prefix that is none": b'[{"prefix": 5}, "a"]',
    "a name that is none": b'[{"prefix": "URI/f/"}, "a.out", 5]',
    "endlessly nested": b"[" * 100_000,
    "another bucket": b'[{"prefix": "s3://elsewhere/"}, "a.out"]',
    "a folder whose name begins alike": b'[{"prefix": "URI-2/"}, "a.out"]',
    "out of the folder": b'[{"prefix": "URI/f/"}, "../../secret"]',
    "a line break": b'[{"prefix": "URI/f/"}, "a\\n.out"]',
}


@pytest.mark.parametrize("content", MANIFESTS.values(), ids=MANIFESTS)
def test_a_manifest_that_is_none(job: Job, export: Export, content: bytes) -> None:
    job.write(a=IN, a__out=OUT)
    job.tell("output", "a.out", name="good.json")
    job.tell("input", "a")
    broken = content.replace(b"URI", job.uri.encode())
    write_files(job.folder, {f"b/output/{HOUR}/broken.json": broken})

    exported = run(export)

    assert rows(exported) == BOTH
    (bad,) = exported.quarantine
    assert (bad["record"], bad["reason"]) == (1, Reason.NOT_A_MANIFEST)
    assert bad["source"].endswith("broken.json")
    assert bad["detail"].startswith(("expected a manifest such as", "it names "))


def test_files_that_are_not_there(job: Job, export: Export) -> None:
    job.write(a=IN, a__out=OUT, b__out=OUT, c=IN)
    job.tell("output", "a.out", "b.out", "c.out")
    job.tell("input", "a", "c")

    exported = run(export)

    assert rows(exported) == BOTH
    assert sorted((bad["reason"], bad["detail"]) for bad in exported.quarantine) == [
        (Reason.NO_FILE, "the input of f/b.out is not there: no input manifest of its hour names it"),
        (Reason.NO_FILE, "the manifest names f/c.out, which is not there"),
    ]


def test_a_file_too_large_does_not_take_the_others_with_it(job: Job, export: Export) -> None:
    job.write(a=IN, a__out=OUT, b=IN, b__out=gzip.compress(b"1,0.9\n" * 400_000))
    job.tell("output", "a.out", "b.out")
    job.tell("input", "a", "b")

    exported = run(export, limits={"object_megabytes": 1})

    assert rows(exported) == BOTH
    assert exported.reasons == [(1, Reason.TOO_LARGE)]


ANSWERS = [f"1,0.{number},i{number},{MOMENT}" for number in range(1, 6)]
INPUTS = [f"{number},2,true,DE" for number in range(1, 6)]


@pytest.mark.parametrize(
    ("answers", "paired", "refused"),
    [
        (ANSWERS, [1, 2, 3, 4, 5], []),
        ([ANSWERS[0], "", *ANSWERS[2:]], [1, 3, 4, 5], [(2, Reason.NO_PREDICTION)]),
        (
            [ANSWERS[0], "", *ANSWERS[1:]],
            [1],
            [(2, Reason.NO_PREDICTION)] + [(n, Reason.ROWS_DIFFER) for n in range(3, 7)],
        ),
        (ANSWERS[:3], [1, 2, 3], [(4, Reason.NO_PREDICTION), (5, Reason.NO_PREDICTION)]),
    ],
    ids=["whole", "a blank answer", "a blank line more", "cut off"],
)
def test_an_answer_never_belongs_to_another_input(
    job: Job, export: Export, answers: list[str], paired: list[int], refused: list[tuple[int, Reason]]
) -> None:
    """A blank line in the output would shift all later answers."""
    job.write(a__csv="\n".join(INPUTS), a__csv__out="\n".join(answers))
    job.tell("input", "a.csv")
    job.tell("output", "a.csv.out")

    exported = run(export)

    assert [(row["inference_id"], row["amount"]) for row in exported.rows] == [
        (f"i{n}", float(n)) for n in paired
    ]
    assert exported.reasons == refused
