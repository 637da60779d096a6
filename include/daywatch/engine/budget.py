"""All bounds on memory in one table: what each is, and what it pays for.

A model-day of any size runs in about the same memory: DuckDB spills to disk beyond its limit, and Python holds
one piece of the data at a time. A larger bound costs memory in every task; a smaller one costs time.
"""

from __future__ import annotations

MIB = 1 << 20
"""Bytes of a mebibyte. Names that end in ``_MB`` count millions of bytes, in which DuckDB's limits are set."""

# --- DuckDB as a whole, where the deployment sets no DAYWATCH_ENGINE_MEMORY ---------------------------------

MOST_MEMORY = 1_000_000_000
"""Bytes at most: enough for ten million rows, because DuckDB spills."""

LEAST_MEMORY = 64_000_000
"""Bytes at least, however small the machine, and the least that DAYWATCH_ENGINE_MEMORY may say."""

MEMORY_SHARE = 3
"""On a small machine or container DuckDB takes one part of so many; Python and its libraries need the others."""

# --- DuckDB's single steps, for two threads; each would take more with every row -----------------------------

LINES_MB, LINES_COLUMN_MB = 100, 1.5
"""Taking lines apart: a base, and the buffers of each feature. For 200 columns 300 MB are enough; with 220 MB the
same work took 1.5 times as long, with 150 MB it failed."""

LONG_BATCH, LONG_BATCH_COPIES = 4 * MIB, 16
"""A batch of lines larger than this raises the limit by so many times its bytes: DuckDB copies it while it takes
the line apart."""

PORTION = 32 * MIB
"""Bytes of lines that one query reads and writes to one file, so that its row groups are never larger. Lines that
are so short that their row groups are smaller anyway are not counted."""

LONG_GROUP, GROUP_COPIES = 8 * MIB, 6
"""A row group that is larger raises the limit by so many times its bytes: its values are gathered, and then encoded."""

DUPLICATES_MB = 100
"""Finding records that come twice: the ids of a larger day are grouped on disk."""

LABEL_JOIN_MB, LABEL_ROWS_A_MB = 70, 80_000
"""Joining labels: a base, and a megabyte for so many rows; the join keeps some memory for each row on disk."""

WRITING_MB, WRITING_COLUMN_MB = 100, 1
"""Writing the inferences: a row group of all columns. With half of it, writing takes twice the time."""

INFERENCES_ROW_GROUP = 40_960
"""Rows of a row group of ``inferences.parquet``, which is held in memory as a whole while it is written."""

INFERENCES_GROUP = 32 * MIB
"""Bytes of such a row group at most, unpacked: rows with long texts are in smaller groups."""

SPILL_ROW_GROUP = 10_240
"""Rows of a row group of a file that is read again at once; each is held and given back as a whole."""

PROFILE_MB = 512
"""Computing the profile of a file, one column after the other."""

# --- Objects on their way in and out ------------------------------------------------------------------------

STORAGE_CHUNK = MIB
"""Bytes, at least, of a piece of an object that is streamed from the storage."""

UPLOAD_PARTS = 4
"""Parts that are in memory while a large object is uploaded, each of 5 MiB unless the object is larger than 52 GB."""

PLAIN_PIECE, GZIP_PIECE, UNPACKED_PIECE = MIB, MIB // 4, 8 * MIB
"""Bytes of an object that are read at once; of a gzip object, packed and unpacked."""

SMALL_OBJECT, REQUESTS_AHEAD, FETCHED_AHEAD = MIB, 16, 16 * MIB
"""Bytes of an object that is fetched as a whole while those before it are read; how many of them at once, and bytes
of them at most. Asked for one after the other, 20,000 objects would take ten minutes for the way to the storage."""

GROUPED_BYTES, GROUPED_TABLES = 64 * MIB, 200
"""Bytes of small Parquet files, and their number, that one query reads."""

TABLE_PARTS, PART_ROWS = 4, 100_000
"""Parts of a large Parquet file that are read at once, as many as there are threads, and rows of each at least."""

BATCHES_AHEAD = 2
"""Batches of lines that are read while DuckDB works on those before."""

ARROW_ROWS = 100_000
"""Rows of a batch that DuckDB hands to Python."""

UNSOUND_LINES = 10_000
"""Lines of a CSV file that cannot be rows and are in memory at once."""

CAPTURE_QUERY_ROWS = 5_000
"""Rows of up to a thousand columns that are fetched at once from the database of the captures."""

LABEL_QUERY_ROWS = 100_000
"""Rows that are fetched at once from the database of the labels."""

# --- Limits on single values: larger ones go to quarantine ---------------------------------------------------

LARGEST_MANIFEST = 64 * MIB
"""Bytes of a Batch Transform manifest, which is parsed as a whole."""

VALUE_BYTES = 8
"""Bytes of a value of a table, unpacked: what its rows take where Parquet repeats them."""

REPEATED_ROWS, ROWS_A_BYTE = 1_000_000, 32
"""A Parquet table of more rows, with more rows than this in each of its bytes, repeats a row over and over. A day
whose predictions differ has less than ten."""

LONGEST_HEADER = MIB
"""Bytes of the first line of a CSV file."""

LONGEST_CSV_LINE = 16 * MIB
"""Bytes of a line of a CSV file: each of DuckDB's threads holds a buffer for the longest line."""

LONGEST_CSV_VALUE = 1024 * MIB
"""Characters of a value in a payload that is CSV: as long as the longest line may be."""

LISTED_NAMES = 1_000
"""Names in one record that no feature has, and that are counted."""

# --- Arrays in Python ----------------------------------------------------------------------------------------

COLUMN_VALUES = 40_000_000
"""Values of all columns that are read and not yet computed, of both sides: 320 MB of numbers."""

VECTOR_VALUES = 16_000_000
"""Probabilities of a vector that are in memory at once: 128 MB. Of many classes, some are read at a time."""

CONFUSION_CELLS = 4_000_000
"""Cells of a confusion matrix that is counted as an array: 32 MB. A larger one is sorted instead."""

ASSOCIATION_CELLS, ASSOCIATION_BLOCK = 4_194_304, 262_144
"""Cells of a contingency table that is counted as an array (32 MB), and rows that are added to it at once."""

KERNEL_BLOCK = 32_768
"""Values that a drift kernel works on at once. The sums of the blocks are added in order, so another size gives
another last digit."""

HASH_BLOCK = 1 << 16
"""Values that are hashed at once: they stay in the processor's cache."""

CHECKED_OBJECTS = 50
"""Objects of captures, and as many of labels, that ``daywatch check`` reads at most."""

CHECKED_BYTES = 64_000_000
"""Bytes of these objects at most; of a larger first object, all is read."""

STATISTICS_ROWS = 250_000
"""Rows that stand for the statistics of a data set at most: 2 MB for each of its columns."""

SEARCHED_ROWS, SEARCHED_COLUMNS = 100_000, 12
"""The search for causes reads so many values of a column on each side, and looks into so many columns.

They are compared with up to twice as many others: 40 MB.
"""
