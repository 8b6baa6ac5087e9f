"""What a row was called at a moment: its severity, kind and team, where the log dates a change later."""

from typing import Any

import pandas as pd

from analytics.columns import LEVELS

#: kind of event: the column whose value it changes
CHANGES = {"severity_changed": "severity", "kind_changed": "kind", "team_changed": "team"}


def labelled(rows: pd.DataFrame, events: pd.DataFrame, *, id_column: str, as_of: pd.Timestamp) -> pd.DataFrame:
    """The rows with the labels they had at `as_of`: where `events` change one later, what that change calls
    ``from``; empty where it does not say.
    """
    if id_column not in events:
        return rows
    later = events[(events["at"] > as_of) & events["kind"].isin(list(CHANGES)) & events[id_column].notna()]
    if later.empty:
        return rows
    first = later.sort_values(["at", "from"]).drop_duplicates([id_column, "kind"])
    then: dict[str, pd.Series[Any]] = {}
    for kind, column in CHANGES.items():
        was = first.loc[first["kind"] == kind].set_index(id_column)["from"]
        if column not in rows or was.empty:
            continue
        if column == "severity":
            was = was.map(_as_rows_say, na_action="ignore").astype("str")
        changed = rows[id_column].isin(was.index)
        then[column] = rows[column].where(~changed, was.reindex(rows[id_column]).set_axis(rows.index))
    return rows.assign(**then)


def _as_rows_say(word: str) -> str:
    """The log's word for a severity as the rows spell it: sev2 and "2 - High" are SEV2."""
    plain = word.strip().lower()
    if plain in LEVELS:
        return plain.upper() if plain.startswith("sev") else plain
    return f"SEV{plain[0]}" if plain[:1].isdigit() else word
