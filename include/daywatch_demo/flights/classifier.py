"""The classifier that the demonstration monitors: gradient boosting on imputed features."""

from __future__ import annotations

from typing import TYPE_CHECKING

from daywatch_demo.flights.data import CATEGORIES, FEATURES, NUMBERS

if TYPE_CHECKING:
    import pandas as pd
    from sklearn.pipeline import Pipeline

SEED = 2013


def fit(features: pd.DataFrame, late: pd.Series) -> Pipeline:
    """Fit the classifier; missing numbers become the median, as in many first versions in production.

    Args:
        features: A row for each flight, with the columns of ``FEATURES``.
        late: 1 for each flight that arrived late or not at all, else 0.
    """
    from sklearn.compose import make_column_transformer
    from sklearn.ensemble import HistGradientBoostingClassifier
    from sklearn.impute import SimpleImputer
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder
    from threadpoolctl import threadpool_limits

    prepare = make_column_transformer(
        (SimpleImputer(strategy="median"), NUMBERS),
        (OneHotEncoder(handle_unknown="ignore", sparse_output=False), CATEGORIES),
    )
    pipeline = make_pipeline(prepare, HistGradientBoostingClassifier(random_state=SEED))
    # One thread: the same sums on every machine, and no competition with the servers that start meanwhile.
    with threadpool_limits(limits=1):
        return pipeline.fit(features[FEATURES], late)
