"""The standard rules: thresholds from the baseline, in the order of causes."""
