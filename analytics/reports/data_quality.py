"""Can we believe this?"""

import pandas as pd

from analytics import columns, figures, milestones, response, words
from analytics.answer import TITLES
from analytics.card import Card, Report, Scope, in_words, with_interval
from analytics.intervals import share_interval
from analytics.response import known_rows
from analytics.tables import Tables
from analytics.volume import countable, incidents_of

MILESTONES = ("impact_started_at", "acknowledged_at", "mitigated_at", "resolved_at")
NAMES = {
    "impact_started_at": "start of impact",
    "acknowledged_at": "acknowledgement",
    "mitigated_at": "mitigation",
    "resolved_at": "resolve",
}
METRICS = {
    "time_to_acknowledge": response.time_to_acknowledge,
    "time_to_mitigate": milestones.time_to_mitigate,
    "time_to_resolve": response.time_to_resolve,
}

HOW_IMPOSSIBLE = (
    "A stop before its start is left out of every length, counted and listed. A time after the last moment the"
    " source can know has not happened: a start there is in no figure, a stop there leaves its incident open."
    " Without a detection an incident is in no window. Both are looked for in the whole source,"
    " among incidents that were no drills and not merged."
)


def data_quality(tables: Tables, scope: Scope) -> Report:
    """Which milestones are missing, which stand in an impossible order, which lengths look wrong."""
    rows = scope.inside(tables.incidents, "detected_at")
    log = tables.events
    missing = missing_by(rows, scope, log)
    cards = (_missing(missing, scope), _impossible(tables, rows, scope), _suspect(rows, scope, log))
    bad = [card.sentence for card in cards[1:] if not card.sentence.startswith("No ")]
    answer = f"{cards[0].sentence} {cards[1].sentence}"
    return Report(
        "10_data_quality", "Can we believe this?", answer, scope.header, cards,
        tuple(f"Fix the records first: {word}" for word in bad) or (_decide(rows, missing),),
    )  # fmt: skip


def missing_by(
    rows: pd.DataFrame, scope: Scope, events: pd.DataFrame | None = None, by: str = "team"
) -> pd.DataFrame:
    """Incidents that were closed or resolved by then and lack a milestone, by group and milestone: ``k`` of
    ``n``, share and interval.
    """
    known = known_rows(countable(rows, as_of=scope.as_of, events=events), scope.as_of, events)
    over = known.moment("resolved_at").notna() | known.moment("closed_at").notna()
    ended = known.rows.assign(**{name: known.moment(name) for name in MILESTONES})[over]
    lines = []
    for name, group in ended.groupby(by, sort=True):
        for milestone in MILESTONES:
            k = int(group[milestone].isna().sum())
            low, high = share_interval(k, len(group))
            lines.append(
                {
                    by: str(name),
                    "milestone": NAMES[milestone],
                    "k": k,
                    "n": len(group),
                    "share": k / len(group),
                    "low": low,
                    "high": high,
                }
            )
    return pd.DataFrame(lines, columns=[by, "milestone", "k", "n", "share", "low", "high"])


def _missing(table: pd.DataFrame, scope: Scope) -> Card:
    n = int(table.groupby("team")["n"].first().sum()) if len(table) else 0
    whole = table.groupby("milestone").agg(k=("k", "sum"), n=("n", "sum"))
    worst = (whole["k"] / whole["n"]).sort_values(ascending=False)
    sentence = (
        f"Of {words.count(n, 'finished incident')}, {words.share(float(worst.iloc[0]))} lack the"
        f" {worst.index[0]} and {words.share(float(worst.get('resolve', 0.0)))} the resolve."
        if n
        else "No finished incidents in this window, so nothing is missing."
    )
    drawn = table[table["share"] > 0].sort_values("share", ascending=False).head(12)
    drawn = drawn.set_index(
        pd.Index([f"{t}: {m}" for t, m in zip(drawn["team"], drawn["milestone"], strict=True)], name="what")
    )
    shown = with_interval(table, "share")
    return Card(
        "missing",
        sentence,
        "Missing milestones by team",
        lambda theme: figures.intervals(
            drawn, value="share", title="Missing milestones", unit="share", theme=theme
        ),
        in_words(
            shown,
            {
                "team": ("Team", "word"),
                "milestone": ("Milestone", "word"),
                "k": ("Missing", "count"),
                "n": ("Of", "count"),
                "share": ("Share", "share"),
                "interval": ("95 % interval", "word"),
            },
        ),
        scope.footer(n, "finished incidents"),
        "Incidents that are resolved or closed and lack the milestone; Wilson's interval.",
    )


def _impossible(tables: Tables, rows: pd.DataFrame, scope: Scope) -> Card:
    found: dict[str, list[str]] = {}
    for metric, measure in METRICS.items():
        durations = measure(rows, as_of=scope.as_of, events=tables.events)
        for name in durations.index[durations["left_out"] == response.IMPOSSIBLE]:
            found.setdefault(str(name), []).append(metric.removeprefix("time_to_"))
    backwards = len(found)
    whole = incidents_of(tables.incidents, as_of=scope.as_of, events=tables.events)
    beyond, unknown = _yet_to_come(whole, tables.as_of), _without_a_start(whole)
    for names, word in ((beyond, "a time yet to come"), (unknown, "no detection")):
        for name in names:
            found.setdefault(name, []).append(word)
    every = tables.incidents
    table = every[every["incident_id"].isin(found)].assign(
        what=lambda t: [", ".join(found[str(i)]) for i in t["incident_id"]]
    )
    said = [
        f"{words.count(n, 'incident')} {has if n == 1 else have}"
        for n, has, have in (
            (backwards, "has a stop before its start", "have a stop before their start"),
            (
                len(beyond),
                "in the whole source has a time yet to come",
                "in the whole source have a time yet to come",
            ),
            (len(unknown), "in the whole source has no detection", "in the whole source have no detection"),
        )
        if n
    ]
    sentence = f"{'; '.join(said)}." if said else "No stop comes before its start."
    return Card(
        "impossible",
        sentence,
        "Milestones in an impossible order",
        None,
        in_words(
            table, {"incident_id": ("Incident", "word"), "title": ("Title", "word"), "what": ("What", "word")}
        ),
        scope.footer(len(rows), "incidents"),
        HOW_IMPOSSIBLE,
        behind={"impossible": tuple(found)},
    )


def _yet_to_come(rows: pd.DataFrame, as_of: pd.Timestamp) -> list[str]:
    """Incidents with a time after the moment whose knowledge the source is: a year mistyped, most likely."""
    late = (rows[columns.moments(columns.INCIDENTS)] > as_of).any(axis="columns")
    return [str(name) for name in rows.loc[late, "incident_id"]]


def _without_a_start(rows: pd.DataFrame) -> list[str]:
    return [str(name) for name in rows.loc[rows["detected_at"].isna(), "incident_id"]]


def _suspect(rows: pd.DataFrame, scope: Scope, events: pd.DataFrame) -> Card:
    parts = []
    for metric in ("time_to_acknowledge", "time_to_resolve"):
        far = response.suspects(METRICS[metric](rows, as_of=scope.as_of, events=events))
        parts.append(far.assign(metric=TITLES[metric]))
    table = pd.concat(parts)
    sentence = (
        f"{words.count(len(table), 'length')} are so far from the others that somebody should look."
        if len(table) else "No length is far from all the others."
    )  # fmt: skip
    return Card(
        "suspect",
        sentence,
        "Lengths worth a second look",
        None,
        in_words(
            table,
            {
                "index": ("Incident", "word"),
                "metric": ("What", "word"),
                "minutes": ("How long", "time"),
                "z": ("z", "number"),
            },
        ),
        scope.footer(len(rows), "incidents"),
        "Over 6 robust deviations (1.4826·MAD) from the median of ln(minutes); listed, not removed.",
        behind={"suspect": tuple(str(i) for i in table.index)},
    )


def _decide(rows: pd.DataFrame, table: pd.DataFrame) -> str:
    if rows.empty:
        return "Nothing yet: there are no incidents to look at."
    worst = table.sort_values("share", ascending=False).head(1)
    if worst.empty or not worst["k"].iloc[0]:
        return "The records are complete. Go on as you do."
    return (
        f"{worst['team'].iloc[0]}: write down the {worst['milestone'].iloc[0]} at the review;"
        f" {int(worst['k'].iloc[0])} of {int(worst['n'].iloc[0])} lack it."
    )
