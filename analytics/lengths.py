"""The table that every metric of lengths gives: how long each row took, whether that is all of it, and why it
does not count. `analytics.response` says what its columns hold.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from analytics import spells

if TYPE_CHECKING:
    from analytics.response import Known

IMPOSSIBLE = "in an impossible order"


def measured(
    known: "Known",
    stop: "pd.Series[Any]",
    *,
    observed: "pd.Series[Any]",
    end: "pd.Series[Any]",
    stop_unknown: "pd.Series[Any]",
    edits: pd.DataFrame | None = None,
    start: "pd.Series[Any] | None" = None,
) -> pd.DataFrame:
    """A metric's table; the clock starts at `start`, else at detection."""
    rows = known.rows
    start = rows[known.start_column] if start is None else start
    lasted = stop.where(stop.notna(), known.as_of) - start
    minutes = lasted.dt.total_seconds() / 60
    kind = known.text("kind")
    why: pd.Series[Any] = pd.Series(np.nan, index=rows.index, dtype="str")
    for reason, applies in _reasons(start, stop, stop_unknown):
        why = why.mask(applies, reason) if applies.any() else why
    merged = spells.merged_by(rows, edits, id_column=known.id_column, as_of=known.as_of)
    why = why.mask(merged, "merged") if merged.any() else why
    other = kind.notna() & (kind != "incident")
    why = why.mask(other, kind) if other.any() else why
    counts = why.isna()
    table = pd.DataFrame(
        {
            "minutes": minutes.where(counts).astype("float64"),
            "observed": (observed & counts).astype(bool),
            "end": end.where(counts),
            "left_out": why,
            "start": start,
            "severity": known.text("severity"),
            "service": known.text("service"),
            "team": known.text("team"),
            "reopened": spells.reopened_by(rows, edits, id_column=known.id_column, as_of=known.as_of),
            "edited": spells.edited_by(rows, edits, id_column=known.id_column, as_of=known.as_of),
        }
    )
    return table.set_index(pd.Index(rows[known.id_column], name=known.id_column))


def _reasons(
    start: "pd.Series[Any]", stop: "pd.Series[Any]", stop_unknown: "pd.Series[Any]"
) -> Iterable[tuple[str, "pd.Series[Any]"]]:
    """Why a row cannot be measured; a later reason overrules an earlier one."""
    yield IMPOSSIBLE, stop < start
    yield "stop unknown", stop_unknown
    yield "start unknown", start.isna()
