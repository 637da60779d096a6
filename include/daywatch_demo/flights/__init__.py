"""The demonstration's model: 336,776 flights out of New York in 2013, with the weather."""
