"""The counts of an export: what was read for a window, by outcome."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

from daywatch.ingest.concentration import Concentration
from daywatch.ingest.labels.counts import LabelCounts
from daywatch.ingest.payloads.typed_rows import checked_columns
from daywatch.ingest.quarantine_groups import QuarantineGroup
from daywatch.results import Record

if TYPE_CHECKING:
    from daywatch.config.model.model import MonitoredModel
    from daywatch.storage import Storage


class GuessedPayload(Record):
    """Payloads of which neither the record nor the configuration says what they are.

    Attributes:
        payload: Which one, its content type, and what it was taken for.
        records: Number of records.
    """

    payload: str
    records: int


class ExtraColumn(Record):
    """A column of captured tables, or a key of captured requests, that no feature has.

    Attributes:
        name: Its name.
        records: Number of records with it.
    """

    name: str
    records: int


class ExportCounts(LabelCounts):
    """Counts of the records, rows and labels that were read for a window, by outcome.

    Attributes:
        source: Address of the folder of the captures.
        label_source: Address of the labels, empty for a model without labels.
        objects: Number of capture objects in the window's own hours.
        bytes: Size of these objects.
        records: Capture records of the window; equals exported + quarantined + duplicates + unanswered + filtered.
        exported: Records of which at least one row was exported.
        quarantined: Records of which no row could be read.
        duplicates: Records with an event id that an earlier record has.
        unanswered: Records of requests that failed or timed out; they count for operations and have no rows.
        filtered: Records that do not count, as ``capture.where`` says.
        rows: Inferences that were exported; a record may hold several.
        rows_read: Rows of the records that could be split into rows; equals rows + rows_quarantined.
        rows_quarantined: Rows of these records that could not be read.
        reasons: Number of quarantined records, rows and labels by reason code.
        quarantine: The same by kind and reason, each with its columns and an example.
        type_mismatches: Number of values that do not fit their types, by column, where there are any.
        guessed_payloads: What was taken for CSV or JSON although no one says so, the most frequent first.
        named_records: Records whose values have names: those of a table, of JSON objects, of CSV with a header.
        extra_names: Number of names in them that no feature has.
        extra_columns: These names, the most frequent first.
        versions: Number of records by model version, the most frequent first; empty where captures name none.
        version_baselines: The baseline of each of these that has its own.
        concentrations: Where most of the bad rows come from, by what is kept besides the payload.
    """

    source: str
    label_source: str
    objects: int
    bytes: int
    records: int
    exported: int
    quarantined: int
    duplicates: int
    unanswered: int = 0
    filtered: int = 0
    rows: int
    rows_read: int
    rows_quarantined: int
    reasons: dict[str, int]
    quarantine: tuple[QuarantineGroup, ...] = ()
    type_mismatches: dict[str, int] = Field(default_factory=dict)
    guessed_payloads: tuple[GuessedPayload, ...] = ()
    named_records: int = 0
    extra_names: int = 0
    extra_columns: tuple[ExtraColumn, ...] = ()
    versions: dict[str, int] = Field(default_factory=dict)
    version_baselines: dict[str, str] = Field(default_factory=dict)
    concentrations: tuple[Concentration, ...] = ()

    @property
    def counted(self) -> int:
        """The records of the model: those that were read without those that were filtered."""
        return self.records - self.filtered

    @property
    def label_place(self) -> str:
        """Where labels were looked for: the source, and its folders."""
        return f"{self.label_source}, {self.label_folders}" if self.label_folders else self.label_source

    @property
    def quarantined_share(self) -> float | None:
        """The share of the records that were quarantined, or that of the rows, if it is greater; None of nothing."""
        shares = ((self.quarantined, self.counted), (self.rows_quarantined, self.rows_read))
        return max((part / whole for part, whole in shares if whole), default=None)

    def type_mismatch_shares(self, model: MonitoredModel) -> dict[str, float]:
        """Return the share of values that do not fit their types of each checked column; none without rows.

        Args:
            model: The model's configuration, for its columns.
        """
        columns = checked_columns(model) if self.rows_read else []
        return {name: self.type_mismatches.get(name, 0) / self.rows_read for name in columns}


def read_counts(artifacts: Storage, key: str) -> ExportCounts:
    """Read the counts that an export stored.

    Args:
        artifacts: The storage of the artifacts.
        key: The key of a window's or a baseline's ``export.json``.

    Raises:
        FileNotFoundError: There is no such file.
        InfrastructureError: The storage did not answer.
    """
    return ExportCounts.model_validate_json(artifacts.read(key))
