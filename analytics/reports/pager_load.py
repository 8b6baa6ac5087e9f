"""Who is being worn out?"""

from typing import Any

import pandas as pd

from analytics import figures, words
from analytics import pager_load as load
from analytics.card import Card, Report, Scope, between, in_words, with_interval
from analytics.reports.trends import hours_card
from analytics.tables import Tables
from analytics.volume import countable

HOW = (
    "Pages by push, phone or SMS; one at most 60 s after the page before joins it. Asleep: 22:00 to 08:00 or"
    " the person's own hours, by the person's own clock at that instant; off: evenings and weekends. E-mail"
    " does not interrupt."
)
HOW_FAIR = (
    "Observed against what the hours on call would give by luck; p is the share of 2,000 draws (fixed seed) as"
    " uneven as this. Unequal by luck and unequal by design differ."
)
HOW_EFFORT = (
    "From joining to leaving, or to the resolve, or to the moment of the report, of everybody who joined, added"
    " up. Out of hours: outside 08:00 to 18:00 on weekdays by each person's clock. One that was closed"
    " without a resolve while somebody was still on it is left out and counted as an unknown stop."
)
HOW_SHIFTS = "Incidents that paged the person in the shift, per 12 hours; the ceiling is Google SRE's."
LISTED = 12
SMALL = "Fewer than 3 people were interrupted: no figures by person."


def pager_load(tables: Tables, scope: Scope) -> Report:
    """Interruptions by person and kind, nights broken, shifts over the ceiling, fairness, and the hours they
    come at.
    """
    table = load.interruptions(tables.pages, as_of=scope.as_of, zone=scope.zone, people=tables.people)
    table = scope.inside(table, "at")
    shifts = tables.shifts[
        (tables.shifts["end"] > scope.window.since) & (tables.shifts["start"] < scope.window.until)
    ]
    cards = (
        people_card(table, scope),
        nights_card(table, scope),
        fairness_card(table, shifts, scope),
        *shifts_cards(tables.pages, shifts, scope),
        kinds_card(table, scope),
        hours_card(table["at"], scope, "interruption"),
        effort_card(tables, scope),
    )
    return Report(
        "07_pager_load",
        "Who is being worn out?",
        _answer(table, scope),
        scope.header,
        cards,
        _decide(cards),
    )


def people_card(table: pd.DataFrame, scope: Scope) -> Card:
    """Interruptions per person by kind."""
    people = load.by_person(table)
    people = people.assign(per_week=people["total"] / max(scope.weeks, 1 / 7))
    n = len(table)
    footer = scope.footer(n, "interruptions", people=len(people))
    if len(people) < load.SMALL_GROUP:
        return Card(
            "people",
            SMALL if n else "No interruption is known of in this window.",
            "Interruptions by person",
            None,
            in_words(people.head(0), _PEOPLE),
            footer,
            HOW,
        )
    median = float(people["total"].median())
    most, times = people.index[0], int(people["total"].iloc[0])
    sentence = (
        f"{most} was interrupted {times:,} times, {people['per_week'].iloc[0]:.1f} a week;"
        f" the median of {len(people)} people is {median:g}."
    )
    return Card(
        "people",
        sentence,
        "Interruptions by person and kind",
        lambda theme: figures.interruptions(table, theme=theme),
        in_words(people, _PEOPLE),
        footer,
        HOW,
    )


_PEOPLE = {
    "index": ("Person", "word"), "sleep": ("Asleep", "count"), "off": ("Off hours", "count"),
    "business": ("Working hours", "count"), "total": ("All", "count"), "per_week": ("A week", "number"),
}  # fmt: skip


def kinds_card(table: pd.DataFrame, scope: Scope) -> Card:
    """What part of them came in somebody's sleep, evening or weekend."""
    shares = load.by_kind(table["kind"])
    n = len(table)
    asleep = shares.loc["sleep"].to_dict()
    sentence = (
        f"{words.share(asleep['share'])} of {words.count(n, 'interruption')} came in somebody's sleep (95 %"
        f" interval {between(asleep['low'], asleep['high'], 'share')})."
        if n >= 6
        else f"{words.count(n, 'interruption')}: too few to tell when they come."
    )
    shown = with_interval(shares, "share").assign(kind=["Asleep", "Off hours", "Working hours"])
    return Card(
        "kinds",
        sentence,
        "The share of interruptions asleep, off hours and in working hours",
        (lambda theme: figures.interruption_kind(table["kind"], theme=theme)) if n >= 6 else None,
        in_words(
            shown,
            {
                "kind": ("When", "word"),
                "k": ("Interruptions", "count"),
                "share": ("Share", "share"),
                "interval": ("95 % interval", "word"),
            },
        ),
        scope.footer(n, "interruptions"),
        HOW,
    )


def nights_card(table: pd.DataFrame, scope: Scope) -> Card:
    """Nights broken per person, and runs of three."""
    nights = load.nights_broken(table).sort_values("nights", ascending=False)
    n = int(nights["nights"].sum())
    people = table["user"].nunique()
    footer = scope.footer(n, "nights broken", people=people)
    columns = {"index": ("Person", "word"), "nights": ("Nights", "count"), "longest_run": ("In a row", "count"),
               "warning": ("3 or more in a row", "yes")}  # fmt: skip
    if people < load.SMALL_GROUP:
        return Card("nights", SMALL if n else "No night was broken.", "Nights broken by person", None,
                    in_words(nights.head(0), columns), footer, HOW)  # fmt: skip
    worn = [str(name) for name in nights.index[nights["warning"]]]
    sentence = (
        f"{words.count(n, 'night')} broken; three or more in a row for {words.listed(worn, 4)}."
        if worn else f"{words.count(n, 'night')} broken, never three in a row."
    )  # fmt: skip
    return Card(
        "nights",
        sentence,
        "Nights broken by person",
        lambda theme: figures.nights_broken(nights, theme=theme),
        in_words(nights, columns),
        footer,
        HOW,
    )


def fairness_card(table: pd.DataFrame, shifts: pd.DataFrame, scope: Scope) -> Card:
    """Who was woken, against luck."""
    people, numbers = load.load_fairness(table, shifts, as_of=scope.as_of)
    people = people[(people["observed"] > 0) | (people["expected"] > 0)]
    people = people.sort_values("ratio", ascending=False, kind="stable", na_position="last")
    woken = int(numbers["n"])
    if people["observed"].gt(0).sum() < load.SMALL_GROUP or woken < 6:
        sentence = "Too few to tell whether sleep is broken evenly."
        people = people.head(0)
    else:
        verdict = (
            "more unevenly than luck would have it"
            if numbers["p"] < 0.05
            else "no more unevenly than luck would have it"
        )
        sentence = (
            f"{woken:,} times somebody was woken, spread {verdict} ({words.chance(numbers['p'])}, Gini"
            f" {numbers['gini']:.2f})."
        )
    given = "hours on call" if len(shifts) else "equal hours: none are recorded"
    return Card(
        "fairness",
        sentence,
        "Sleep interruptions against what hours on call would give",
        (lambda theme: figures.load_fairness(people, theme=theme)) if len(people) else None,
        in_words(
            people,
            {
                "index": ("Person", "word"),
                "observed": ("Woken", "count"),
                "hours": ("Hours on call", "number"),
                "expected": ("By luck", "number"),
                "ratio": ("Ratio", "number"),
            },
        ),
        scope.footer(woken, "sleep interruptions", people=len(people)),
        f"{HOW_FAIR} Given {given}.",
    )


def shifts_cards(pages: pd.DataFrame, shifts: pd.DataFrame, scope: Scope) -> tuple[Card, Card]:
    """Shifts by their load, and those over two incidents in twelve hours."""
    table = load.shift_load(pages, shifts, as_of=scope.as_of)
    over = table[table["over"]].sort_values("per_12_h", ascending=False)
    low, high = load.share_interval(len(over), len(table))
    sentence = (
        f"{len(over)} of {words.count(len(table), 'shift')} had over 2 incidents in 12 hours"
        f" ({words.share(len(over) / len(table))}, 95 % interval {words.share(low)} to {words.share(high)})."
        if len(table) else "No shifts are recorded in this window."
    )  # fmt: skip
    shown = load.by_load(table) if len(table) else load.by_load(table).head(0)
    by_load = Card(
        "shifts",
        sentence,
        "Shifts by how many incidents they had in 12 hours",
        (lambda theme: figures.shift_load(table, theme=theme)) if len(table) else None,
        in_words(
            shown,
            {
                "index": ("Incidents in 12 hours", "word"),
                "shifts": ("Shifts", "count"),
                "over": ("Over the ceiling", "yes"),
            },
        ),
        scope.footer(len(table), "shifts"),
        HOW_SHIFTS,
    )
    return by_load, _over_the_ceiling(over, len(table), scope)


def _over_the_ceiling(over: pd.DataFrame, n: int, scope: Scope) -> Card:
    first = over.iloc[0] if len(over) else None
    sentence = "No shift is over the ceiling." if n else "No shifts are recorded in this window."
    if first is not None:
        named = "The shift" if pd.isna(first["schedule"]) else first["schedule"]
        sentence = (
            f"{named} from {words.moment(first['start'], scope.zone)} was the heaviest:"
            f" {words.count(int(first['incidents']), 'incident')}, {first['per_12_h']:.1f} in 12 hours."
        )
    return Card(
        "shifts-over",
        sentence,
        "Shifts over the ceiling, the heaviest first",
        None,
        in_words(
            over.head(LISTED).assign(since=[words.moment(at, scope.zone) for at in over["start"].head(LISTED)]),
            {
                "schedule": ("Schedule", "word"),
                "since": ("From", "word"),
                "incidents": ("Incidents", "count"),
                "per_12_h": ("In 12 hours", "number"),
            },
        ),
        scope.footer(len(over), "shifts over the ceiling", shifts=n),
        HOW_SHIFTS,
    )


def effort_card(tables: Tables, scope: Scope) -> Card:
    """What incidents took of people's time."""
    known: dict[str, Any] = {"as_of": scope.as_of, "events": tables.events}
    rows = countable(scope.inside(tables.incidents, "detected_at"), **known)
    table = load.response_effort(rows, zone=scope.zone, people=tables.people, **known)
    table = table.sort_values("person_minutes", ascending=False)
    unknown = load.effort_unknown(rows, **known)
    hours = table.assign(spent=table["person_minutes"] / 60, away=table["out_of_hours"] / 60)
    return Card(
        "effort",
        _effort(table, len(unknown)),
        "The incidents that took most of people's time",
        (lambda theme: figures.response_effort(table, theme=theme)) if len(table) > 1 else None,
        in_words(
            hours.head(LISTED),
            {
                "index": ("Incident", "word"),
                "responders": ("Responders", "count"),
                "spent": ("Person-hours", "number"),
                "away": ("Out of hours", "number"),
            },
        ),
        scope.footer(len(rows), "incidents", with_responders=len(table), **_unknown(unknown)),
        HOW_EFFORT,
        behind={"effort": tuple(str(name) for name in table.index)},
    )


def _unknown(ids: list[str]) -> dict[str, int]:
    return {"unknown_stops": len(ids)} if ids else {}


def _effort(table: pd.DataFrame, unknown: int) -> str:
    if table.empty and unknown:
        return f"Of {words.count(unknown, 'incident')} nobody knows how long people were on it."
    if table.empty:
        return "Nobody is known to have joined an incident in this window."
    spent, away = (float(table[name].sum()) for name in ("person_minutes", "out_of_hours"))
    took = f"{words.count(len(table), 'incident')} took {_person_hours(spent)}"
    if not spent:
        return f"{took}: whoever joined, joined when it was over."
    most = f"incident {table.index[0]} the most, {_person_hours(float(table['person_minutes'].iloc[0]))}"
    return f"{took}, {words.share(away / spent)} of it out of hours; {most}."


def _person_hours(minutes: float) -> str:
    """ "1,204 person-hours", "2.5 person-hours"."""
    hours = minutes / 60
    return f"{hours:,.0f} person-hours" if hours >= 10 else f"{hours:.1f} person-hours"


def _answer(table: pd.DataFrame, scope: Scope) -> str:
    if table.empty:
        return "No interruption is known of in this window."
    kinds = table["kind"].value_counts()
    asleep = int(kinds.get("sleep", 0))
    return (
        f"{words.count(len(table), 'interruption')} in {scope.weeks:.0f} weeks, {asleep} of them in somebody's"
        f" sleep ({words.share(asleep / len(table))}), shared by"
        f" {words.count(table['user'].nunique(), 'person').replace('persons', 'people')}."
    )


def _decide(cards: tuple[Card, ...]) -> tuple[str, ...]:
    found = []
    if "three or more in a row" in cards[1].sentence:
        found.append("Somebody's nights were broken three times in a row. Give time back, and move a shift.")
    if "more unevenly than luck" in cards[2].sentence and "no more" not in cards[2].sentence:
        found.append(
            "The nights do not fall evenly, and not by luck. Which schedule gives whom the nights, and is that"
            " meant?"
        )
    if not cards[3].sentence.startswith(("0 of", "No shifts")):
        found.append("Some shifts had more than a person can work through. Which service filled them?")
    return tuple(found) or ("Nothing presses. Ask the people themselves all the same.",)
