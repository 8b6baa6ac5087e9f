"""Is volume or speed changing?"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from analytics import change, figures, volume, words
from analytics.answer import Review, review
from analytics.card import Card, Report, Scope, between, in_words
from analytics.change import CountTrend
from analytics.reports.budget import NO_SERVICE
from analytics.tables import Tables

FEWEST, WEEKS_WITH_ANY, FEW = 20, 6, 6
HOW_RATE = (
    "Incidents that count over the {:.1f} weeks of the window that have passed; a service that had some before"
    " and none in it stands at zero. The interval is the exact Poisson one; where the weeks vary more than"
    " chance, which takes 6 incidents in 2 weeks to tell, the negative binomial one."
)
HOW_VOLUME = (
    "Incidents that count, by the Monday of the week they were detected in; empty weeks are zeros, cut ones are"
    " hollow and left out of the fit. A Poisson trend, or a negative binomial one where the weeks vary more"
    " than chance, of 20 or more in 6 or more weeks that had any; beside it Mann–Kendall, and natural limits"
    " (mean ± 2.66 mean moving ranges). A change of rate is said at most once in 12 weeks."
)
_HOURS: dict[Any, str] = {hour: f"{hour:02}" for hour in range(24)}
HOW_HOURS = (
    "Every {} in the window, by hour and weekday of the report's zone; look here before talking of seasons."
)


def trends(tables: Tables, scope: Scope) -> Report:
    """Volume by week and by service, the hours they come at, and speed against the window before."""
    incidents, alerts = (
        volume_card(tables.incidents, scope, "incident", tables.events),
        volume_card(tables.alerts, scope, "alert"),
    )
    hours = hours_card(tables.alerts["fired_at"], scope, "alert")
    span = (scope.window.since, scope.window.until, scope.as_of, scope.zone)
    speed = review(tables.incidents, *span, events=tables.events)
    rate = rate_card(tables, scope)
    cards = (incidents, alerts, rate, hours, speed_card(speed, "acknowledge"), speed_card(speed, "resolve"))
    answer = f"{incidents.sentence} {speed.resolve.title}: {speed.resolve.change}."
    return Report(
        "03_trends", "Is volume or speed changing?", answer, scope.header, cards, _decide(cards, speed)
    )


def volume_card(rows: pd.DataFrame, scope: Scope, noun: str, events: pd.DataFrame | None = None) -> Card:
    """Counts by week with trend, limits and changes of rate."""
    table = volume.weekly_counts(rows, **scope.span, zone=scope.zone, events=events)
    whole = table[~table["partial"]].reset_index(drop=True)
    trend = change.count_trend(whole["n"]) if _tells_a_trend(whole["n"]) else None
    limits = change.xmr(whole["n"])
    kendall = change.mann_kendall(whole["n"])
    dispersion = 1.0 if trend is None else trend.dispersion
    places = change.change_points(whole["n"], dispersion) if trend is not None else []
    turned = [whole["week"].iloc[place + 1] for place in places]
    n = int(table["n"].sum())
    fitted = None if trend is None else _fitted(whole, trend)
    beside = "" if kendall is None else f" Mann–Kendall p {kendall.p:.2f}."
    if trend is not None:
        beside += f" Dispersion {trend.dispersion:.1f}, {trend.method} fit."
    cards = in_words(
        table.assign(mark=np.where(table["partial"], "part of it", "")).iloc[::-1],
        {"week": ("Week of", "word"), "n": (f"{noun.capitalize()}s", "count"), "mark": ("Note", "word")},
    )
    cards["Week of"] = [f"{at.day} {at:%b %Y}" for at in table["week"].iloc[::-1]]
    return Card(
        f"{noun}s-by-week",
        volume_sentence(n, noun, trend, turned),
        f"{noun.capitalize()}s by week, with their trend",
        lambda theme: figures.weekly_counts(
            table,
            noun=noun,
            theme=theme,
            limits=(limits.centre, limits.low, limits.high),
            fitted=fitted,
            changes=turned,
        ),
        cards,
        scope.footer(n, f"{noun}s", whole_weeks=len(whole)),
        HOW_VOLUME + beside,
    )


def _tells_a_trend(weekly: "pd.Series[int]") -> bool:
    """Three alerts of last week are no rise a hundredfold: a trend is of twenty, over six weeks with any."""
    return int(weekly.sum()) >= FEWEST and int((weekly > 0).sum()) >= WEEKS_WITH_ANY


def volume_sentence(n: int, noun: str, trend: CountTrend | None, turned: Sequence[pd.Timestamp]) -> str:
    """What the weeks say, and how sure that is."""
    if not n:
        return f"No {noun}s in this window."
    if trend is None:
        return f"{words.count(n, noun)}: too few to tell a trend."
    amount = f"{abs(trend.ratio - 1):.1%}".replace("%", " %")
    interval = f"95 % interval {_percent(trend.low)} to {_percent(trend.high)} a week"
    moved = f" The rate changed in the week of {turned[0].day} {turned[0]:%b}." if turned else ""
    if trend.low <= 1 <= trend.high:
        return f"{words.count(n, noun)}, no clear trend ({interval}).{moved}"
    way = "more" if trend.ratio > 1 else "fewer"
    return f"{words.count(n, noun)}, {amount} {way} each week ({interval}).{moved}"


def _percent(ratio: float) -> str:
    """ "+1.5 %", "−3 %"."""
    return f"{(ratio - 1) * 100:+.1f} %".replace("-", "−")


def _fitted(whole: pd.DataFrame, trend: CountTrend) -> pd.DataFrame:
    """The trend's line; its band is that of the slope, turned around the middle week."""
    steps = np.arange(len(whole)) - (len(whole) - 1) / 2
    value = np.asarray(trend.fitted)
    ends = [value * np.exp(steps * (np.log(bound) - trend.slope)) for bound in (trend.low, trend.high)]
    return pd.DataFrame(
        {"week": whole["week"], "value": value, "low": np.minimum(*ends), "high": np.maximum(*ends)}
    )


def rate_card(tables: Tables, scope: Scope) -> Card:
    """Incidents a week by service, those without any at zero."""
    span: dict[str, Any] = {**scope.span, "events": tables.events}
    rows = tables.incidents.assign(service=tables.incidents["service"].fillna(NO_SERVICE))
    table = volume.incident_rate(rows, by="service", **span)
    table = table.sort_values(["rate", "service"], ascending=[False, True])
    n = int(table["n"].sum())
    shown = table.assign(
        interval=[between(a, b, "number") for a, b in zip(table["low"], table["high"], strict=True)]
    )
    return Card(
        "rate",
        _rate(table),
        "Incidents a week by service, with their interval",
        (lambda theme: figures.incident_rate(table, theme=theme)) if n >= FEW and len(table) > 1 else None,
        in_words(
            shown,
            {
                "index": ("Service", "word"),
                "n": ("Incidents", "count"),
                "rate": ("A week", "number"),
                "interval": ("95 % interval", "word"),
                "weeks_vary": ("Weeks vary", "word"),
            },
        ),
        scope.footer(n, "incidents", services=len(table)),
        HOW_RATE.format(scope.weeks),
    )


def _rate(table: pd.DataFrame) -> str:
    n = int(table["n"].sum())
    named = table.drop(index=NO_SERVICE, errors="ignore")
    if not n:
        return "No incidents in this window."
    if not named["n"].sum():
        return f"{words.count(n, 'incident')}; of which service the source does not tell."
    if n < FEW:
        return f"{words.count(n, 'incident')}: too few to tell services apart."
    most, quiet = named.iloc[0], int((named["n"] == 0).sum())
    rate, low, high = (words.amount(most[name]) for name in ("rate", "low", "high"))
    rate = f"{rate} a week (95 % interval {low} to {high})"
    if len(named) == 1:
        return f"{named.index[0]} has incidents: {rate}."
    none = f"; {words.count(quiet, 'service')} had none" if quiet else ""
    return f"{named.index[0]} has the most incidents: {rate}, of {len(named):,} services{none}."


def hours_card(moments: "pd.Series[pd.Timestamp]", scope: Scope, noun: str) -> Card:
    """When they come: hour by weekday, the loudest stretch named."""
    inside = moments[(moments >= scope.window.since) & (moments < scope.window.until)]
    table = volume.hour_by_weekday(inside, zone=scope.zone, as_of=scope.as_of)
    n = int(table.to_numpy().sum())
    shown = table.reset_index().rename(columns={"weekday": "Day", **_HOURS}).astype("str")
    return Card(
        f"{noun}s-by-hour",
        _loudest(table, noun, scope.weeks),
        f"{noun.capitalize()}s by local hour and weekday",
        (lambda theme: figures.hour_by_weekday(table, noun=noun, zone=scope.zone, theme=theme)) if n else None,
        shown,
        scope.footer(n, f"{noun}s"),
        HOW_HOURS.format({"alert": "alert that fired"}.get(noun, noun)),
    )


def _loudest(table: pd.DataFrame, noun: str, weeks: float) -> str:
    n = int(table.to_numpy().sum())
    if n < 60:
        return (
            f"{words.count(n, noun)}: too few to tell the hours apart." if n else f"No {noun}s in this window."
        )
    nights = table[[22, 23, *range(8)]].to_numpy().sum() / n
    runs = table.T.rolling(3).sum().T
    day, hour = np.unravel_index(int(np.nanargmax(runs.to_numpy())), runs.shape)
    at = f"{volume.WEEKDAYS[int(day)]} {int(hour) - 2:02}:00 to {int(hour) + 1:02}:00"
    rate = runs.to_numpy()[day, hour] / max(weeks, 1 / 7)
    return (
        f"{words.share(nights)} of {words.count(n, noun)} come between 22:00 and 08:00; the loudest three hours"
        f" are {at}, {rate:.1f} a week."
    )


def speed_card(found: Review, which: str) -> Card:
    """The weekly median of one metric, as a card like the others."""
    answer = getattr(found, which)
    besides = " ".join(filter(None, (answer.change_sentence, answer.beside)))
    return Card(
        f"{which}-by-week",
        f"{answer.sentence} {besides}".rstrip(),
        f"{answer.title} by week, with its interval",
        answer.figure,
        answer.weeks_in_words(),
        answer.footer,
        answer.how_we_know,
        besides=besides,
    )


def _decide(cards: Sequence[Card], speed: Review) -> tuple[str, ...]:
    found = []
    for card, noun in zip(cards, ("incidents", "alerts"), strict=False):
        if "more each week" in card.sentence:
            found.append(f"There are more {noun} each week. Which service do they come from, and who looks?")
        if "fewer each week" in card.sentence:
            found.append(f"There are fewer {noun} each week. Keep the effort that did it, and say what it was.")
    for answer in (speed.acknowledge, speed.resolve):
        if "slower" in answer.change:
            found.append(f"{answer.title} is {answer.change}. What changed, and does it stay?")
        if "faster" in answer.change:
            found.append(f"{answer.title} is {answer.change}. Look again in as many weeks whether it holds.")
    return tuple(found) or ("Nothing changed that these numbers can show. Keep the effort as it is.",)
