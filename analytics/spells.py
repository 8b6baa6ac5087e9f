"""What was resolved and reopened, replayed from the event log: the spells in which it was open."""

from collections.abc import Sequence
from typing import Any

import pandas as pd

_MOVES = ("state_changed", "status_changed")
_TURNS = (*_MOVES, "resolved", "reopened")
CORRECTED = ("milestone_corrected", "detection_corrected", "time_corrected")
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
    known_ids = rows[id_column].isin(reopened) if reopened else slice(0)  # to look up nothing takes long
    starts = rows[known_ids].set_index(id_column)[start_column]
    known = turns[turns[id_column].isin(starts.index) & (turns["at"] <= as_of)]
    by_id = {str(name): group for name, group in known.groupby(id_column, sort=False)}
    lines = {name: _spells(start, by_id.get(str(name)), as_of) for name, start in starts.items()}
    columns = ["first_stop", "final_stop", "active_minutes"]
    table = pd.DataFrame.from_dict(lines, orient="index", columns=columns).rename_axis(id_column)
    moments = {
        name: pd.to_datetime(table[name], utc=True).astype("datetime64[us, UTC]") for name in columns[:2]
    }
    return table.assign(**moments)


def as_known(
    rows: pd.DataFrame, events: pd.DataFrame, *, id_column: str, start_column: str, as_of: pd.Timestamp
) -> pd.DataFrame:
    """The rows with the resolve of each reopened one as it stood at `as_of`, where the row tells of a later
    state; while it was open again it was neither resolved nor closed.
    """
    then = replay(rows, events, id_column=id_column, start_column=start_column, as_of=as_of)
    if then.empty:
        return rows
    reopened = rows[id_column].isin(then.index)
    stop = then["final_stop"].reindex(rows[id_column]).set_axis(rows.index)
    moments = {"resolved_at": rows["resolved_at"].where(~reopened, stop)}
    if "closed_at" in rows:
        moments["closed_at"] = rows["closed_at"].where(~(reopened & stop.isna()))
    return rows.assign(**moments)


def reopened_by(
    rows: pd.DataFrame, events: pd.DataFrame | None, *, id_column: str, as_of: pd.Timestamp
) -> "pd.Series[Any]":
    """Whether each row had been opened again by `as_of`: its own count, less what `events` date later."""
    if "reopen_count" not in rows:
        return pd.Series(False, index=rows.index)
    count = rows["reopen_count"].astype("float64").fillna(0)
    if events is not None and id_column in events:
        later = events[events["at"] > as_of]
        if len(
            again := later.loc[reopenings(later), id_column]
        ):  # to look up nothing takes long, for a million
            count = count - rows[id_column].map(again.value_counts()).astype("float64").fillna(0)
    return count > 0


def merged_by(
    rows: pd.DataFrame, events: pd.DataFrame | None, *, id_column: str, as_of: pd.Timestamp
) -> "pd.Series[Any]":
    """Whether each row had been merged by `as_of`: it says so, and `events` do not date it later."""
    if "merged_into" not in rows:
        return pd.Series(False, index=rows.index)
    merged = rows["merged_into"].notna()
    if events is None or id_column not in events:
        return merged
    later = events.loc[(events["at"] > as_of) & (events["kind"] == "merged"), id_column]
    return merged & ~rows[id_column].isin(later) if len(later) else merged


def edited_by(
    rows: pd.DataFrame, events: pd.DataFrame | None, *, id_column: str, as_of: pd.Timestamp
) -> "pd.Series[Any]":
    """Whether the milestones of each row had been corrected by `as_of`."""
    nothing = pd.Series(False, index=rows.index)
    if events is None or id_column not in events:
        return nothing
    told = events.loc[events["kind"].isin(CORRECTED) & (events["at"] <= as_of), id_column]
    return rows[id_column].isin(told) if len(told) else nothing


def reopenings(events: pd.DataFrame) -> "pd.Series[Any]":
    """Which of `events` opened something again."""
    moved = events["kind"].isin(_MOVES)
    after = _lower(events.loc[moved, "to"])
    again = _lower(events.loc[moved, "from"]).isin(_OVER) & after.notna() & ~after.isin(_OVER)
    return (events["kind"] == "reopened") | again.reindex(events.index, fill_value=False)


def _turns(events: pd.DataFrame, id_column: str) -> pd.DataFrame:
    """The events that ended a row or opened it again, in order, with ``over`` true or false."""
    events = events.loc[events["kind"].isin(_TURNS) & events[id_column].notna()].reset_index(drop=True)
    over = (events["kind"] == "resolved") | (events["kind"].isin(_MOVES) & _lower(events["to"]).isin(_RESOLVED))
    turns = events.loc[over | reopenings(events), [id_column, "at"]].assign(over=over)
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
