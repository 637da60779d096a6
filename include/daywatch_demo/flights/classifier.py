"""The classifier that the demonstration monitors: gradient boosting on imputed features."""

from __future__ import annotations

from typing import TYPE_CHECKING

from daywatch_demo.flights.data import CATEGORIES, FEATURES, NUMBERS

if TYPE_CHECKING:
    import pandas as pd
    from sklearn.pipeline import Pipeline

SEED = 2013


def fit(features: pd.DataFrame, late: pd.Series) -> Pipeline:
    """Fit the classifier; missing numbers become the median, as in many a first version in production.

    Args:
        features: The columns of ``FEATURES``.
        late: 1 for late or not at all.
    """
    from sklearn.compose import make_column_transformer
    from sklearn.ensemble import HistGradientBoostingClassifier
    from sklearn.impute import SimpleImputer
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder

    prepare = make_column_transformer(
        (SimpleImputer(strategy="median"), NUMBERS),
        (OneHotEncoder(handle_unknown="ignore", sparse_output=False), CATEGORIES),
    )
    return make_pipeline(prepare, HistGradientBoostingClassifier(random_state=SEED)).fit(features[FEATURES], late)
