"""What served a window, versions with several artifacts, deployments, and verdicts by namespace.

Revision ID: 0003
Revises: 0001
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0003"
down_revision = "0001"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
JSON = sa.JSON().with_variant(JSONB(), "postgresql")

CURRENT_VERDICT = """
CREATE VIEW current_verdict AS
SELECT verdict.model, {namespace}verdict.window_start, verdict.window_end, verdict.slice, verdict.state,
    verdict.short, verdict.reasons, current_window.rows, label_coverage.labelled, current_window.quarantined,
    current_window.baseline_id, current_window.revision, current_window.recorded_at
FROM current_window
{model}JOIN verdict ON verdict.model = current_window.model
    AND verdict.window_start = current_window.window_start
    AND verdict.window_end = current_window.window_end AND verdict.revision = current_window.revision
JOIN label_coverage ON label_coverage.model = current_window.model
    AND label_coverage.window_start = current_window.window_start
    AND label_coverage.window_end = current_window.window_end
    AND label_coverage.revision = current_window.revision
"""
WITH_NAMESPACE = {
    "namespace": "model.namespace, ",
    "model": "JOIN model ON model.model = current_window.model\n",
}
WITHOUT = {"namespace": "", "model": ""}

# The path without its last part: what is left when all its letters are cut from the end, up to a slash.
PARENT = "rtrim(rtrim(namespace, replace(namespace, '/', '')), '/')"
NAMESPACE_VERDICT = f"""
CREATE VIEW namespace_verdict AS
WITH RECURSIVE below (namespace, model) AS (
    SELECT CAST(namespace AS TEXT), model FROM model
    UNION ALL
    SELECT {PARENT}, model FROM below WHERE {PARENT} <> ''
)
SELECT below.namespace, current_verdict.window_start, current_verdict.window_end,
    CASE max(CASE state WHEN 'RED' THEN 4 WHEN 'AMBER' THEN 3 WHEN 'GREY' THEN 2 ELSE 1 END)
        WHEN 4 THEN 'RED' WHEN 3 THEN 'AMBER' WHEN 2 THEN 'GREY' ELSE 'GREEN' END AS state,
    count(*) AS models,
    sum(CASE state WHEN 'RED' THEN 1 ELSE 0 END) AS red,
    sum(CASE state WHEN 'AMBER' THEN 1 ELSE 0 END) AS amber,
    sum(CASE state WHEN 'GREY' THEN 1 ELSE 0 END) AS grey,
    sum(CASE state WHEN 'GREEN' THEN 1 ELSE 0 END) AS green
FROM below JOIN current_verdict ON current_verdict.model = below.model AND current_verdict.slice = ''
GROUP BY below.namespace, current_verdict.window_start, current_verdict.window_end
"""


def upgrade() -> None:
    """Go to this version."""
    op.create_table(
        "window_version",
        *_window_key(),
        sa.Column("version", sa.String(120), nullable=False, comment="as captured; registered or not"),
        sa.Column("records", sa.BigInteger(), nullable=False),
        sa.Column("rows", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("model", "window_start", "window_end", "revision", "version"),
    )
    op.create_table(
        "window_setting",
        *_window_key(),
        sa.Column("setting", sa.String(40), nullable=False, comment="variant or sampling_percent"),
        sa.Column("value", sa.String(120), nullable=False),
        sa.Column("records", sa.BigInteger(), nullable=False),
        sa.Column("rows", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("model", "window_start", "window_end", "revision", "setting", "value"),
    )
    op.create_table(
        "deployment",
        sa.Column("model", sa.String(120), nullable=False),
        sa.Column("deployment_id", sa.String(120), nullable=False),
        sa.Column("version", sa.String(120), nullable=False),
        sa.Column("endpoint", sa.String(250), nullable=False),
        sa.Column(
            "environment", JSON, nullable=False, comment="variables of the service, none of them secret"
        ),
        sa.Column("method", sa.String(120), nullable=False),
        sa.Column("rollout_strategy", sa.String(120), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("created_by", sa.String(250), nullable=False),
        sa.PrimaryKeyConstraint("model", "deployment_id"),
    )
    comment = "empty, like the three below, where Daywatch did not train it"
    with op.batch_alter_table("model_version") as batch:
        batch.add_column(sa.Column("artifacts", JSON, nullable=True, comment="URIs by name"))
        batch.alter_column("trained_from", existing_type=MOMENT, nullable=True, comment=comment)
        batch.alter_column("trained_until", existing_type=MOMENT, nullable=True)
        batch.alter_column("rows", existing_type=sa.BigInteger(), nullable=True)
        batch.alter_column("metrics", existing_type=JSON, nullable=True)
    _move("artifact_uri", "artifacts", lambda uri: {"model": uri})
    with op.batch_alter_table("model_version") as batch:
        batch.alter_column("artifacts", existing_type=JSON, nullable=False, existing_comment="URIs by name")
        batch.drop_column("artifact_uri")
    op.execute("DROP VIEW current_verdict")
    op.execute(CURRENT_VERDICT.format(**WITH_NAMESPACE))
    op.execute(NAMESPACE_VERDICT)


def downgrade() -> None:
    """Go back to the version before: versions that Daywatch did not train are lost, and further artifacts."""
    op.execute("DROP VIEW namespace_verdict")
    op.execute("DROP VIEW current_verdict")
    op.execute(CURRENT_VERDICT.format(**WITHOUT))
    op.execute("DELETE FROM model_version WHERE trained_from IS NULL")
    with op.batch_alter_table("model_version") as batch:
        batch.add_column(sa.Column("artifact_uri", sa.Text(), nullable=True))
    _move("artifacts", "artifact_uri", lambda uris: next(iter(uris.values()), ""))
    with op.batch_alter_table("model_version") as batch:
        batch.alter_column("artifact_uri", existing_type=sa.Text(), nullable=False)
        batch.drop_column("artifacts")
        batch.alter_column("trained_from", existing_type=MOMENT, nullable=False, comment=None)
        batch.alter_column("trained_until", existing_type=MOMENT, nullable=False)
        batch.alter_column("rows", existing_type=sa.BigInteger(), nullable=False)
        batch.alter_column("metrics", existing_type=JSON, nullable=False)
    op.drop_table("deployment")
    op.drop_table("window_setting")
    op.drop_table("window_version")


def _window_key() -> list[sa.Column[Any]]:
    return [
        sa.Column("model", sa.String(120), nullable=False),
        sa.Column("window_start", MOMENT, nullable=False),
        sa.Column("window_end", MOMENT, nullable=False),
        sa.Column("revision", sa.String(64), nullable=False),
    ]


def _move(source: str, target: str, change: Any) -> None:
    """Fill one column of ``model_version`` from another."""
    types: dict[str, Any] = {"artifacts": JSON, "artifact_uri": sa.Text()}
    columns = [sa.column("model", sa.String()), sa.column("version", sa.String())]
    table = sa.table("model_version", *columns, *(sa.column(name, types[name]) for name in (source, target)))
    connection = op.get_bind()
    for row in connection.execute(sa.select(table)).all():
        this = (table.c.model == row.model) & (table.c.version == row.version)
        value = change(getattr(row, source))
        connection.execute(sa.update(table).where(this).values({target: value}))
