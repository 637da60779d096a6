"""The page of a model: verdict, plan, time series, heat map, versions, windows."""
