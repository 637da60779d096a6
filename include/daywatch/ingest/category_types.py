"""What the categories and classes of a model are: declared, or found out at the baseline and frozen with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from daywatch.config.model.columns import CategoryType, ColumnType
from daywatch.engine.duck import identifier
from daywatch.errors import SetupError
from daywatch.ingest.payloads.categories import category_type, one_spelling, only_text
from daywatch.ingest.payloads.typed_rows import value_column
from daywatch.results import Record

if TYPE_CHECKING:
    import duckdb

    from daywatch.config.model.model import MonitoredModel

_FIRST_ROWS = 2_048


class CategoryTypes(Record):
    """What categories and classes are.

    Attributes:
        classes: What predictions and labels are; text for a regression.
        features: What the categories of a feature are, by its name.
    """

    classes: CategoryType
    features: dict[str, CategoryType]


def find_category_types(connection: duckdb.DuckDBPyConnection, model: MonitoredModel) -> CategoryTypes:
    """Return what the categories and classes of a baseline are.

    Args:
        connection: Has the views ``typed_rows`` and ``label_records``, and the function ``is_readable``.
        model: The model's configuration, which may declare what the classes are.
    """
    # What is hashed has one spelling already.
    names = [
        one.name
        for one in model.stored_features
        if one.type is ColumnType.CATEGORY and one.name not in model.redaction.hash
    ]
    rows = "FROM typed_rows WHERE is_answered AND is_readable(number)"

    # The first rows show of most columns that they are text, in one query.
    columns = {name: identifier(value_column(model, name)) for name in names}
    shown = ", ".join(only_text(column, of_classes=False) for column in columns.values())
    first = f"FROM (SELECT {', '.join(columns.values())} {rows} LIMIT {_FIRST_ROWS})"
    are_text = (connection.execute(f"SELECT {shown} {first}").fetchone() or ()) if names else ()
    features = {
        name: CategoryType.TEXT
        if is_text
        else _kind_of(connection, f"SELECT {columns[name]} AS value {rows}", of_classes=False)
        for name, is_text in zip(names, are_text, strict=True)
    }
    if model.output.answer_type is not ColumnType.CATEGORY:
        return CategoryTypes(classes=CategoryType.TEXT, features=features)
    classes = f"""
        SELECT {identifier(value_column(model, "prediction"))} AS value {rows}
        UNION ALL SELECT label FROM label_records WHERE is_known
    """
    return CategoryTypes(classes=classes_of(connection, model, classes), features=features)


def classes_of(connection: duckdb.DuckDBPyConnection, model: MonitoredModel, values: str) -> CategoryType:
    """Return what the classes of predictions and labels are: as declared, else as they are written.

    Args:
        connection: The connection that runs the query.
        model: The model's configuration, which may declare it.
        values: SQL that selects the classes as ``value``.
    """
    return model.output.class_type or _kind_of(connection, values, of_classes=True)


def _kind_of(connection: duckdb.DuckDBPyConnection, values: str, *, of_classes: bool) -> CategoryType:
    # Each distinct value is compared with patterns once: most categories come thousands of times.
    distinct = f"FROM (SELECT DISTINCT value FROM ({values}))"
    ((kind,),) = connection.execute(
        f"SELECT {category_type('value', of_classes=of_classes)} {distinct}"
    ).fetchall()
    return CategoryType(kind)


def check_declared(types: CategoryTypes, model: MonitoredModel, baseline_id: str) -> None:
    """Refuse to read a window's classes in another way than the baseline's.

    Raises:
        SetupError: The model's configuration declares another type than the baseline was frozen with.
    """
    declared = model.output.class_type
    if declared is not None and declared is not types.classes:
        msg = (
            f"output.class_type of {model.model!r} is {declared}, but the baseline {baseline_id} was frozen with "
            f"{types.classes}: build the baseline again, with the DAG baseline__{model.model} or "
            f"`daywatch baseline --model {model.model}`."
        )
        raise SetupError(msg)


def spelled(column: str, name: str, types: CategoryTypes, model: MonitoredModel) -> str:
    """Return SQL for a value in the one spelling of its category or class; other values stay as they are.

    Args:
        column: SQL for the value.
        name: Name of the feature or the answer; ``label`` for labels.
        types: What categories and classes are.
        model: The model's configuration, whose spelling of classes counts.
    """
    if name in types.features:
        return one_spelling(column, types.features[name])
    if name in ("prediction", "label"):
        return one_spelling(column, types.classes, model.class_names)
    return column
