def truth_values_in_two_spellings(case: Case) -> None:
    """The endpoint answers ``true`` and ``false``, the ground truth is Python's ``True`` and ``False``."""
    numbers = dice(8)
    for day in DAYS:
        lines, known = [], []
        for n in range(100):
            x = numbers.random()
            answer = as_json({"prediction": x > 0.5, "probability": x})
            lines.append(capture(f"{day}-{n}", day, as_json({"x": x}), answer))
            known.append(truth(f"{day}-{n}", str(numbers.random() < x)))
        case.captures(day, lines)
        case.labels(day, known)
    output = {**SCORED, "positive_class": "true"}
    case.model({"x": "number"}, output, {"metric": "roc_auc", "red": "<= 0.6"}, {"metric": "log_loss", "red": "> 5"})


def positives_are_found(said: Said) -> None:
    assert close(said.metrics["roc_auc", ""][0], 0.8, 0.12)
    assert close(said.metrics["log_loss", ""][0], 0.5, 0.15)
    assert "GREEN m" in said.run


def labels_not_known_yet(case: Case) -> None:
    """Labels are doubles in Parquet, with NaN where the outcome is not known yet."""
    numbers = dice(9)
    for day in DAYS:
        scores = [numbers.random() for _ in range(100)]
        labels = [float(numbers.random() < one) for one in scores]
        if day == DAY:
            labels = [math.nan if n % 2 else one for n, one in enumerate(labels)]
        ids = [f"{day}-{n}" for n in range(100)]
        predicted = [int(one > 0.5) for one in scores]
        case.table(day, {"id": ids, "x": scores, "prediction": predicted, "probability": scores})
        case.table(day, {"inference_id": ids, "label": labels}, "truth")
    case.model(
        {"x": "number"},
        SCORED,
        {"metric": "accuracy", "red": "falls by 60 %"},
        capture=TABLE,
        labels={"source": "table", "prefix": "truth"},
    )


def half_is_labelled(said: Said) -> None:
    assert (said.counts["rows"], said.counts["labelled"], said.counts["labels_quarantined"]) == (100, 50, 0)
    assert close(said.metrics["accuracy", ""][0], 0.75, 0.15)
    assert close(said.metrics["roc_auc", ""][0], 0.8, 0.15)


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


def whole_numbers_as_doubles(case: Case) -> None:
    """A category, a truth value and classes are doubles on the day, because one value is missing."""
    numbers = dice(11)
    for day in DAYS:
        region = [numbers.randrange(1, 4) for _ in range(100)]
        flag = [numbers.random() < 0.5 for _ in range(100)]
        label = [int(numbers.random() < 0.4) for _ in range(100)]
        predicted = [one if numbers.random() < 0.9 else 1 - one for one in label]
        ids = [f"{day}-{n}" for n in range(100)]
        columns = {"id": ids, "region": region, "flag": flag, "prediction": predicted}
        if day == DAY:
            columns = {"id": ids} | {name: [float(v) for v in columns[name]] for name in list(columns)[1:]}
            columns["region"][0] = columns["flag"][1] = None
        case.table(day, columns)
        case.table(day, {"inference_id": ids, "label": [float(v) for v in label] if day == DAY else label}, "truth")
    case.model(
        {"region": "category", "flag": "boolean"},
        BINARY,
        {"metric": "accuracy", "red": "< 0.5"},
        {"metric": "drift_score", "column": "region", "red": ">= 0.1"},
        capture=TABLE,
        labels={"source": "table", "prefix": "truth"},
        drift={"categorical": {"method": "jensenshannon"}},
    )


def nothing_is_lost_or_drifts(said: Said) -> None:
    assert (said.counts["rows"], said.counts["labelled"]) == (100, 100)
    assert close(said.metrics["accuracy", ""][0], 0.9, 0.1)
    assert said.metrics["null_share", "region"][0] == said.metrics["null_share", "flag"][0] == 0.01
    assert "GREEN m" in said.run


def a_probability_alone(case: Case) -> None:
    """The answer is the probability, and the class is on its side of 0.8."""
    for day in DAYS:
        scores = [n / 100 for n in range(100)]
        case.captures(day, [capture(f"{day}-{n}", day, "1.0", f"{one:.2f}") for n, one in enumerate(scores)])
        # Five of the twenty above the threshold are negative, and nobody below it is positive.
        case.labels(day, [truth(f"{day}-{n}", str(int(one >= 0.85))) for n, one in enumerate(scores)])
    output = {"task": "binary_classification", "response": ["probability"], "threshold": 0.8}
    case.model({"x": "number"}, output, {"metric": "accuracy", "red": "< 0.9"})


def the_class_follows_from_it(said: Said) -> None:
    value, baseline = said.metrics["accuracy", ""]
    assert value == baseline == 0.95


def three_answers_in_a_line(case: Case) -> None:
    """A request of three lines is answered in one, as XGBoost's containers do."""
    numbers = dice(12)
    for day in DAYS:
        request = "\n".join(f"{numbers.random():.3f},{n}" for n in range(3))
        case.captures(day, [capture(f"{day}-1", day, request, "0.10,0.90,0.50")])
    case.model({"a": "number", "b": "number"}, REGRESSION, {"metric": "rows", "red": "< 3"}, labels=None)


def three_rows(said: Said) -> None:
    assert (said.counts["records"], said.counts["rows"], said.counts["quarantined"]) == (1, 3, 0)


def several_labels_in_a_record(case: Case) -> None:
    """Ground truth is JSON: three labels in a record, and the day's file is one array."""
    numbers = dice(13)
    for day in DAYS:
        lines, known = [], []
        for n in range(20):
            xs = [numbers.random() for _ in range(3)]
            request = as_json({"instances": [{"x": x} for x in xs]})
            answer = as_json({"predictions": [{"prediction": int(x > 0.5)} for x in xs]})
            lines.append(capture(f"{day}-{n}", day, request, answer))
            labels = {"instances": [{"label": int(x > 0.4)} for x in xs]}
            known.append(truth(f"{day}-{n}", json.dumps(labels), "JSON"))
        case.captures(day, lines)
        if day == DAY:
            case.put(f"truth/{day.replace('-', '/')}/23/a.jsonl", f"[{','.join(known)}]")
        else:
            case.labels(day, known)
    case.model(
        {"x": "number"},
        BINARY,
        {"metric": "accuracy", "red": "< 0.5"},
        capture={
            "endpoint": "endpoint",
            "payload": {"request_rows": "$.instances", "response_rows": "$.predictions"},
        },
        labels={"prefix": "truth", "label": "$.label", "rows": "$.instances"},
    )


def sixty_labels(said: Said) -> None:
    assert (said.counts["rows"], said.counts["labelled"]) == (60, 60)


def payloads_of_other_content_types(case: Case) -> None:
    """JSON behind BASE64 of content types that are not JSON; the YAML says what it is."""
    numbers = dice(14)
    for day in DAYS:
        lines = []
        for n in range(40):
            x = numbers.random()
            request = as_base64(json.dumps({"x": [x]}), "application/octet-stream")
            answer = as_base64(json.dumps({"value": [3 * x]}), "text/html; charset=utf-8")
            lines.append(capture(f"{day}-{n}", day, request, answer))
        case.captures(day, lines)
    case.model(
        {"x": {"type": "number", "at": "$.x[0]"}},
        {**REGRESSION, "at": {"prediction": "$.value[0]"}},
        {"metric": "quarantined_share", "red": "> 1 %"},
        capture={"endpoint": "endpoint", "payload": {"request_kind": "json", "response_kind": "json"}},
        labels=None,
    )


def all_are_read(said: Said) -> None:
    assert (said.counts["rows"], said.counts["quarantined"]) == (40, 0)
    assert "GREEN m" in said.run


def semicolons_on_the_day(case: Case) -> None:
    """A table whose values are separated by semicolons, on the day only."""
    numbers = dice(15)
    for day in DAYS:
        mark = ";" if day == DAY else ","
        rows = [mark.join((f"{day}-{n}", f"{numbers.random():.3f}", f"{numbers.random():.3f}")) for n in range(40)]
        case.put(f"table/{day.replace('-', '/')}/a.csv", "\n".join([mark.join(("id", "x", "prediction")), *rows]))
    case.model({"x": "number"}, REGRESSION, {"metric": "quarantined_share", "red": "> 1 %"}, capture=TABLE, labels=None)


def the_table_names_its_columns(said: Said) -> None:
    assert "GREEN" not in said.run
    for shown in (said.run, said.text):
        joined = " ".join(shown.split())
        assert "the table has no column x, prediction" in joined or "semicolons" in joined


def thirty_numbers(case: Case) -> None:
    """A Parquet table of 30 numbers and 5,000 rows a day, with nothing wrong in it."""
    names = [f"n{n:02}" for n in range(30)]
    for number, day in enumerate(DAYS):
        values = np.random.default_rng(number).normal(size=(5000, 30))
        columns = {name: values[:, n] for n, name in enumerate(names)}
        case.table(day, {"id": [f"{day}-{n}" for n in range(5000)], **columns, "prediction": values[:, 0]})
    case.model(
        dict.fromkeys(names, "number"), REGRESSION, {"metric": "drifted_share", "red": "> 50 %"},
        capture=TABLE, labels=None,
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
        {"x": "number", "kind": "category"}, REGRESSION, {"metric": "rmse", "red": "rises by 50 %"},
        slices=[{"by": "kind", "top": 2, "minimum_rows": 5}],
    )


def the_day_is_judged(said: Said) -> None:
    assert said.codes == (0, 0, 0)
    assert "GREEN" not in said.run


def a_star_in_a_name(case: Case) -> None:
    """A feature is called ``*``."""
    numbers = dice(17)
    for day in DAYS:
        case.captures(day, [capture(f"{day}-{n}", day, f"{numbers.random():.3f}", f"{n}.5") for n in range(30)])
    case.model({"*": "number"}, REGRESSION, {"metric": "rows", "red": "< 1"}, labels=None)


def judged_or_refused(said: Said) -> None:
    assert "GREEN m" in said.run or ("'*'" in said.lint and said.codes[0] == 3)


def files_outside_the_data(case: Case) -> None:
    """A batch transform whose output is in another bucket than its capture."""
    for day in DAYS:
        manifest = [{"prefix": "s3://another-bucket/transform-output/"}, "rows.csv.out"]
        case.put(f"capture/output/{day.replace('-', '/')}/12/m.json", json.dumps(manifest))
    capture_ = {"source": "sagemaker_batch", "prefix": "capture", "joined": True}
    case.model({"a": "number"}, REGRESSION, {"metric": "rows", "red": "< 1"}, capture=capture_, labels=None)


def the_address_is_named(said: Said) -> None:
    assert "s3://another-bucket/transform-output/" in said.baseline
