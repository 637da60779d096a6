"""Tables and columns as other software writes them: what must come out."""

from __future__ import annotations

import math

import numpy as np
from cases import DAY, DAYS, REGRESSION, TABLE, Case, Check, Monitored, Said, Write, capture, dice, truth


def constant_everywhere(case: Case) -> None:
    """A flag that is ``0`` in every row of baseline and window, by a test of chi-square."""
    numbers = dice(6)
    for day in DAYS:
        case.captures(day, [capture(f"{day}-{n}", day, f"0,{numbers.random():.4f}", "1") for n in range(50)])
    rule = {"metric": "drift_score", "column": "flag", "red": "< 0.05"}
    flag = {"type": "category", "drift": {"method": "chisquare"}}
    case.model({"flag": flag, "x": "number"}, REGRESSION, rule, labels=None)


def nothing_drifted(said: Said) -> None:
    assert "GREEN m" in said.run


def missing_values_as_nan(case: Case) -> None:
    """Every tenth value of each column is NaN, as JSON and Parquet writers spell it."""
    numbers = dice(10)
    for day in DAYS:
        amounts = [math.nan if n % 10 == 0 else numbers.random() for n in range(100)]
        items = [math.nan if n % 10 == 1 else float(numbers.randrange(5)) for n in range(100)]
        country = ["NaN" if n % 10 == 2 else numbers.choice(["DE", "NA"]) for n in range(100)]
        case.table(
            day,
            {
                "id": [f"{day}-{n}" for n in range(100)],
                "amount": amounts,
                "items": items,
                "country": country,
                "prediction": [numbers.random() for _ in range(100)],
            },
        )
    columns = {"amount": "number", "items": "integer", "country": "category"}
    rules = [{"metric": "null_share", "column": name, "red": "rises by 0.05"} for name in columns]
    case.model(columns, REGRESSION, *rules, capture=TABLE, labels=None)


def a_tenth_is_missing(said: Said) -> None:
    assert said.counts["quarantined"] == 0
    for name in ("amount", "items", "country"):
        assert said.metrics["null_share", name] == (0.1, 0.1)
    assert "GREEN m" in said.run


def semicolons_on_the_day(case: Case) -> None:
    """A table whose values are separated by semicolons, on the day only."""
    numbers = dice(15)
    for day in DAYS:
        mark = ";" if day == DAY else ","
        rows = [
            mark.join((f"{day}-{n}", f"{numbers.random():.3f}", f"{numbers.random():.3f}")) for n in range(40)
        ]
        case.put(
            f"table/{day.replace('-', '/')}/a.csv", "\n".join([mark.join(("id", "x", "prediction")), *rows])
        )
    case.model(
        {"x": "number"},
        REGRESSION,
        {"metric": "quarantined_share", "red": "> 1 %"},
        capture=TABLE,
        labels=None,
    )


def the_table_names_its_columns(said: Said) -> None:
    assert "GREEN" not in said.run
    for shown in (said.run, said.text):
        joined = " ".join(shown.split())
        assert "the table has no column x, prediction" in joined or "semicolons" in joined


def a_star_in_a_name(case: Case) -> None:
    """A feature is called ``*``."""
    numbers = dice(17)
    for day in DAYS:
        case.captures(
            day, [capture(f"{day}-{n}", day, f"{numbers.random():.3f}", f"{n}.5") for n in range(30)]
        )
    case.model({"*": "number"}, REGRESSION, {"metric": "rows", "red": "< 1"}, labels=None)


def judged_or_refused(said: Said) -> None:
    assert "GREEN m" in said.run or ("'*'" in said.lint and said.codes[0] == 3)


def thirty_numbers(case: Case) -> None:
    """A Parquet table of 30 numbers and 5,000 rows a day, with nothing wrong in it."""
    names = [f"n{n:02}" for n in range(30)]
    for number, day in enumerate(DAYS):
        values = np.random.default_rng(number).normal(size=(5000, 30))
        columns = {name: values[:, n] for n, name in enumerate(names)}
        case.table(day, {"id": [f"{day}-{n}" for n in range(5000)], **columns, "prediction": values[:, 0]})
    case.model(
        dict.fromkeys(names, "number"),
        REGRESSION,
        {"metric": "drifted_share", "red": "> 50 %"},
        capture=TABLE,
        labels=None,
    )


def an_ordinary_day(said: Said) -> None:
    assert said.counts["rows"] == 5000
    assert "GREEN m" in said.run


def no_data_as_the_largest_double(case: Case) -> None:
    """One label of 1.8e308 on the day, which much software writes for "no data"."""
    numbers = dice(16)
    for day in DAYS:
        lines, known = [], []
        for n in range(50):
            x = numbers.random()
            lines.append(capture(f"{day}-{n}", day, f"{x:.4f},{'ab'[n % 2]}", f"{x:.4f}"))
            largest = day == DAY and n == 7
            known.append(truth(f"{day}-{n}", "1.7976931348623157e308" if largest else f"{x + 0.01:.4f}"))
        case.captures(day, lines)
        case.labels(day, known)
    case.model(
        {"x": "number", "kind": "category"},
        REGRESSION,
        {"metric": "rmse", "red": "rises by 50 %"},
        slices=[{"by": "kind", "top": 2, "minimum_rows": 5}],
    )


def the_day_is_judged(said: Said) -> None:
    assert said.codes == (0, 0, 0)
    assert "GREEN" not in said.run


CASES = {
    "constant-category": (constant_everywhere, nothing_drifted),
    "nan-category": (missing_values_as_nan, a_tenth_is_missing),
    "table-without-the-columns": (semicolons_on_the_day, the_table_names_its_columns),
    "name-star": (a_star_in_a_name, judged_or_refused),
    "wide-table": (thirty_numbers, an_ordinary_day),
    "largest-double": (no_data_as_the_largest_double, the_day_is_judged),
}


def test_what_comes_out(monitored: Monitored, write: Write, check: Check) -> None:
    check(monitored(write))
