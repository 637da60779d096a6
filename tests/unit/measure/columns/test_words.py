"""Words of texts that the baseline has never seen."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from daywatch.measure.columns.counts import count_columns
from daywatch.measure.columns.measured_columns import measured_columns
from daywatch.measure.columns.tables import open_tables
from daywatch.measure.columns.words import NewWords, new_words, word_findings, word_metrics
from sklearn.feature_extraction.text import CountVectorizer

Columns = dict[str, list[Any]]


@pytest.fixture
def words(
    tmp_path: Path, parquet: Callable[..., Path], model_of: Callable[..., Any]
) -> Callable[..., NewWords]:
    """Return a function that compares two lists of texts."""

    def run(baseline: list[Any], window: list[Any]) -> NewWords:
        model = model_of({"remark": "text"})
        files = parquet("a", model, {"remark": baseline}), parquet("b", model, {"remark": window})
        with open_tables(*files, measured_columns(model), tmp_path) as tables:
            (found,) = new_words(tables, count_columns(tables))
        return found

    return run


def test_new_words_are_counted_once_a_row(words: Callable[..., NewWords]) -> None:
    found = words(["Crew late", "fog."], ["late CREW, drone drone Drone", "drone! größe_2 a", None])
    assert (found.words, found.new, found.distinct) == (5, 3, 2)
    assert found.frequent == (("drone", 2), ("größe_2", 1))
    assert found.share == 0.6


def test_words_are_those_of_evidentlys_text_drift(words: Callable[..., NewWords]) -> None:
    texts = ["Zürich-Nord: gate 12b", "x yy σ_max <b>bold</b>", "don't CAN'T été_2024", "a1 ЖД 9"]
    vectorizer = CountVectorizer().fit(texts)  # its words are those of TfidfVectorizer, which Evidently takes
    found = words(["nothing"], texts)
    assert {word for word, _ in found.frequent} <= set(vectorizer.vocabulary_)
    assert found.distinct == len(vectorizer.vocabulary_)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("東京都に行く", {"東京", "京都", "都に", "に行", "行く"}),
        ("コーヒー2杯 TOWER", {"コー", "ーヒ", "ヒー", "杯", "tower"}),
        ("ไปเที่ยว", {"ไป", "ปเ", "เท", "ที", "ี่", "่ย", "ยว"}),
        ("हिन्दी में", {"हिन्दी", "में"}),
        ("한국어 단어", {"한국어", "단어"}),
    ],
)
def test_words_of_other_scripts(words: Callable[..., NewWords], text: str, expected: set[str]) -> None:
    assert {word for word, _ in words(["nothing"], [text]).frequent} == expected


@pytest.mark.parametrize(
    "vocabulary",
    [
        ["天气", "今天", "航班", "延误", "登机口", "行李", "旅客", "机场"],
        ["天気", "今日は", "飛行機", "おくれ", "ゲート", "荷物", "乗客", "空港"],
        ["อากาศ", "วันนี้", "เที่ยวบิน", "ล่าช้า", "ประตู", "กระเป๋า", "สนามบิน"],
    ],
    ids=["Chinese", "Japanese", "Thai"],
)
def test_a_healthy_day_without_spaces_has_few_new_words(
    words: Callable[..., NewWords], vocabulary: list[str]
) -> None:
    random = np.random.default_rng(6)
    texts = ["".join(random.choice(vocabulary, 6)) for _ in range(400)]
    found = words(texts[:300], texts[300:])
    assert found.words > 500
    assert (found.share or 0.0) < 0.01
    assert (words(texts[:300], ["請問一下價錢"] * 9).share or 0.0) == 1.0


@pytest.mark.parametrize(
    ("baseline", "window", "note"),
    [
        (["fog"], [None], "the window has no value in any of its 1 rows"),
        ([], ["fog"], "the baseline has no rows"),
        (["fog"], ["!", "a"], "the window's texts have no words"),
    ],
)
def test_without_words_there_is_no_share(
    words: Callable[..., NewWords], baseline: list[Any], window: list[Any], note: str
) -> None:
    (metric,) = word_metrics([words(baseline, window)], 0.1)
    assert (metric.value, metric.alert, metric.note) == (None, None, note)


@pytest.mark.parametrize(("threshold", "alert"), [(0.6, False), (0.59, True)])
def test_a_share_beyond_the_threshold_is_an_alert_and_a_finding(
    words: Callable[..., NewWords], model_of: Callable[..., Any], threshold: float, alert: bool
) -> None:
    found = words(["crew late"], ["crew late", *[f"w{number:02d}" for number in range(3)]])
    column = measured_columns(model_of({"remark": "text"}))[0]
    (metric,) = word_metrics([found], threshold)
    assert (metric.value, metric.threshold, metric.alert) == (0.6, threshold, alert)
    findings = word_findings([found], column, threshold)
    assert [one.detail for one in findings] == (
        [
            "3 of 5 words, each counted once a row, are 3 that the baseline does not have: "
            "'w00' (1), 'w01' (1), 'w02' (1)"
        ]
        if alert
        else []
    )


def test_at_most_ten_new_words_are_named(
    words: Callable[..., NewWords], model_of: Callable[..., Any]
) -> None:
    found = words(["crew"], [f"w{number:02d}" for number in range(13) for _ in range(number + 1)])
    column = measured_columns(model_of({"remark": "text"}))[0]
    (finding,) = word_findings([found], column, 0.0)
    assert "'w12' (13), 'w11' (12)" in finding.detail
    assert finding.detail.endswith("'w03' (4) and 3 more")
