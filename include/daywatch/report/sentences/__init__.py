"""The sentences and cells of a report, which HTML and plain text lay out."""
