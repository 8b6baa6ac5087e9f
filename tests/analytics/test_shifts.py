"""What the report of pager load says of shifts: all of them by their load, and those over the ceiling."""

from dataclasses import replace
from typing import Any

import pandas as pd

from analytics import columns, reports
from analytics.card import Card, Scope
from analytics.source import Window
from analytics.tables import nothing
from tests.analytics.rows import AS_OF

ZONE = "Europe/Riga"
SCOPE = Scope(Window(AS_OF - pd.Timedelta(days=7), AS_OF, AS_OF), ZONE)


def rows(kind: dict[str, str], *lines: dict[str, Any]) -> pd.DataFrame:
    return columns.tidy(pd.DataFrame(list(lines)), kind)


def cards(incidents: int, shifts: int = 3) -> tuple[Card, Card]:
    """Of so many shifts of 12 hours, the first with so many incidents."""
    start = [AS_OF - pd.Timedelta(hours=12 * back) for back in range(1, shifts + 1)]
    duty = [
        {"user": "Ada", "schedule": "Payments", "start": s, "end": s + pd.Timedelta(hours=12)} for s in start
    ]
    sent = [
        {"page_id": n, "user": "Ada", "channel": "push", "incident_id": str(n),
         "sent_at": start[0] + pd.Timedelta(hours=n)} for n in range(incidents)
    ]  # fmt: skip
    told = replace(nothing(AS_OF), shifts=rows(columns.SHIFTS, *duty), pages=rows(columns.PAGES, *sent))
    report = reports.pager_load(told, SCOPE)
    return report["shifts"], report["shifts-over"]


def test_every_bar_of_the_shifts_stands_in_the_table_beside_it() -> None:
    for incidents in (3, 0):
        card, _ = cards(incidents)
        (bars,) = card.figure().data
        shown = card.table.set_index("Incidents in 12 hours")
        assert shown["Shifts"].to_dict() == {name: str(n) for name, n in zip(bars.x, bars.y, strict=True)}
        assert shown["Over the ceiling"].tolist() == ["no"] * 3 + ["yes"] * 3
    assert "None is over the ceiling of 2" in card.figure().layout.title.subtitle.text


def test_the_shifts_over_the_ceiling_are_listed_by_the_clock_of_the_report() -> None:
    _, card = cards(3)
    assert card.table.to_numpy().tolist() == [["Payments", "Mon 2 Mar 2026, 02:00 EET", "3", "3.00"]]
    assert card.sentence == (
        "Payments from Mon 2 Mar 2026, 02:00 EET was the heaviest: 3 incidents, 3.0 in 12 hours."
    )
    assert cards(2)[1].sentence == "No shift is over the ceiling."
    assert [card.sentence for card in cards(0, shifts=0)] == ["No shifts are recorded in this window."] * 2
