"""The table that every metric of lengths gives: how long each row took, whether that is all of it, and why it
does not count. `analytics.response` says what its columns hold.
"""

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
    until_detected: bool = False,
) -> pd.DataFrame:
    """A metric's table; the clock starts at `start`, else at detection.

    What has no detection is in no window: of it no length is known but that `until_detected`.
    """
    rows = known.rows
    detected = rows[known.start_column]
    start = detected if start is None else start
    unknown = start.isna() if until_detected else start.isna() | detected.isna()
    lasted = stop.where(stop.notna(), known.as_of) - start
    minutes = lasted.dt.total_seconds() / 60
    kind = known.text("kind")
    merged = spells.merged_by(rows, edits, id_column=known.id_column, as_of=known.as_of)
    why = in_cases(
        None, (stop < start, IMPOSSIBLE), (stop_unknown, "stop unknown"), (unknown, "start unknown"),
        (merged, "merged"),
    )  # fmt: skip
    other = kind.notna() & (kind != "incident")
    why = why.mask(other, kind) if other.any() else why
    counts = why.isna()
    table = pd.DataFrame(
        {
            "minutes": minutes.where(counts).astype("float64"),
            "observed": (observed & counts).astype(bool),
            "end": end if counts.all() else end.where(counts),
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


def in_cases(usual: str | None, *cases: tuple["pd.Series[Any]", str]) -> "pd.Series[Any]":
    """For each row the word of the last case that applies to it, `usual` where none does.

    The words of a million rows are taken from a list of few: to write them one by one takes ten times as long.
    """
    number = np.zeros(len(cases[0][0]), dtype="int8")
    for place, (applies, _) in enumerate(cases, 1):
        number[applies.to_numpy(dtype=bool)] = place
    listed = pd.array([usual, *(word for _, word in cases)], dtype="str")
    return pd.Series(listed.take(number), index=cases[0][0].index)
