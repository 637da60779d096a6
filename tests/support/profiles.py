"""What is exact in merged profiles; quantiles and counts of distinct values have stated bounds."""

EXACT = {
    "name",
    "type",
    "present",
    "count",
    "nulls",
    "non_finite",
    "min",
    "max",
    "edges",
    "histogram",
    "underflow",
    "overflow",
    "length_min",
    "length_max",
}
