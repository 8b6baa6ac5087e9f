"""The numbers of a postmortem: the report of `analytics` that the notebook shows, kept as it was counted.

Nothing here is read before a postmortem is looked at: pandas and plotly come with the first call.
"""

import json
from datetime import UTC, datetime
from typing import Any

from app.database import db, transaction
from app.learning import queries
from app.learning.models import Postmortem


def at_hand(postmortem: Postmortem, *, now: datetime) -> dict[str, Any] | None:
    """How long each phase took beside the usual, as counted when the incident last changed.

    `as_of`, `answer`, `sentence`, `columns`, `rows`, `footer`, `how_we_know`, and by theme the `figures`, where
    the phases can be drawn. None for a restricted incident, which no figure counts. Opens its own transaction.
    """
    incident = postmortem.incident
    if incident.is_restricted or incident.removed_at is not None:
        return None
    kept = postmortem.figures
    if kept is not None and datetime.fromisoformat(kept["as_of"]) >= incident.updated_at:
        return kept
    made = count(postmortem.id, at=now)
    number = postmortem.id
    with transaction():
        row = queries.locked(number)
        if row is not None:
            row.figures = made
    return made


def count(number: int, *, at: datetime) -> dict[str, Any]:
    """The notebook `00_one_incident` on this database as of `at`, its phases and its answer."""
    from dataclasses import replace

    import pandas as pd

    from analytics import frames
    from analytics.reports import one_incident
    from analytics.tables import nothing

    moment = pd.Timestamp(at.astimezone(UTC)).as_unit("us")
    # the phases stand on the incidents alone; the notebook reads the rest for its timeline
    tables = replace(nothing(moment), incidents=frames.incidents(db.session.connection()))
    report = one_incident(tables, scope_of(tables, at), str(number))
    card = report["phases"]
    return {
        "as_of": at.astimezone(UTC).isoformat(), "answer": report.answer, "sentence": card.sentence,
        "about": card.about, "columns": [str(name) for name in card.table.columns],
        "rows": [[str(word) for word in line] for line in card.table.to_numpy()], "footer": card.footer,
        "how_we_know": card.how_we_know,
        "figures": {theme: _drawn(card, theme) for theme in ("light", "dark")} if card.draw else {},
    }  # fmt: skip


def scope_of(tables: Any, at: datetime) -> Any:
    """The window of the notebook: twelve weeks up to `at`, in UTC."""
    import analytics
    from analytics.card import Scope

    return Scope(analytics.window(tables, as_of=at.astimezone(UTC).isoformat(), zone="UTC"), "UTC")


def _drawn(card: Any, theme: str) -> dict[str, Any]:
    from analytics.theme import CONFIG

    drawn: dict[str, Any] = {card.name: json.loads(card.figure(theme).to_json()), "config": dict(CONFIG)}
    return drawn
