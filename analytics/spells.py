"""What was resolved and reopened, replayed from the event log: the spells in which it was open."""

from collections.abc import Sequence
from typing import Any

import pandas as pd

_MOVES = ("state_changed", "status_changed")
_RESOLVED, _OVER = {"resolved"}, {"resolved", "closed"}


def replay(
    rows: pd.DataFrame, events: pd.DataFrame, *, id_column: str, start_column: str, as_of: pd.Timestamp
) -> pd.DataFrame:
    """Where each reopened row stood at `as_of`, by id.

    Only rows with a reopening in `events` are listed (also one that comes after `as_of`: the row no longer
    tells when it was first resolved). ``first_stop`` and ``final_stop`` are NaT while it had not come to
    that, or was open again; ``active_minutes`` adds up the open spells, the running one until `as_of`.
    """
    turns = _turns(events, id_column)
    reopened = set(turns.loc[~turns["over"], id_column])
    starts = rows[rows[id_column].isin(reopened)].set_index(id_column)[start_column]
    known = turns[turns[id_column].isin(starts.index) & (turns["at"] <= as_of)]
    by_id = {str(name): group for name, group in known.groupby(id_column, sort=False)}
    lines = {name: _spells(start, by_id.get(str(name)), as_of) for name, start in starts.items()}
    columns = ["first_stop", "final_stop", "active_minutes"]
    table = pd.DataFrame.from_dict(lines, orient="index", columns=columns).rename_axis(id_column)
    moments = {
        name: pd.to_datetime(table[name], utc=True).astype("datetime64[us, UTC]") for name in columns[:2]
    }
    return table.assign(**moments)


def _turns(events: pd.DataFrame, id_column: str) -> pd.DataFrame:
    """The events that ended a row or opened it again, in order, with ``over`` true or false."""
    kind, before, after = events["kind"], _lower(events["from"]), _lower(events["to"])
    moved = kind.isin(_MOVES)
    over = (kind == "resolved") | (moved & after.isin(_RESOLVED))
    again = (kind == "reopened") | (moved & before.isin(_OVER) & after.notna() & ~after.isin(_OVER))
    turns = events.loc[(over | again) & events[id_column].notna(), [id_column, "at"]].assign(over=over)
    return turns.sort_values(["at", "over"], kind="stable")


def _lower(values: "pd.Series[Any]") -> "pd.Series[Any]":
    return values.astype("str").str.lower()


def _spells(start: pd.Timestamp, turns: pd.DataFrame | None, as_of: pd.Timestamp) -> Sequence[Any]:
    first, since, minutes = pd.NaT, start, 0.0
    final: Any = pd.NaT
    for at, over in [] if turns is None else zip(turns["at"], turns["over"], strict=True):
        if over and pd.isna(final):
            minutes += (at - since) / pd.Timedelta(minutes=1)
            final = at
            first = at if pd.isna(first) else first
        elif not over and not pd.isna(final):
            final, since = pd.NaT, at
    if pd.isna(final):
        minutes += (as_of - since) / pd.Timedelta(minutes=1)
    return first, final, minutes
