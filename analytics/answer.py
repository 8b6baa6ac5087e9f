"""The answer to "how long do we take?", once, for the Trends page and for the notebook."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal
from zoneinfo import ZoneInfo

import pandas as pd

from analytics import columns, response, weeks, words
from analytics.definitions import DEFINITIONS, METHOD
from analytics.response import Moment
from analytics.survival import log_rank

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

Theme = Literal["light", "dark"]

#: what is meant by done: a rule's acknowledgement and an end by silence are none
ON_RECORD = {
    "time_to_acknowledge": "an acknowledgement by a human",
    "time_to_resolve": "a resolve other than by silence",
}
VERBS = {"time_to_acknowledge": "acknowledged", "time_to_resolve": "resolved"}
TITLES = {"time_to_acknowledge": "Time to acknowledge", "time_to_resolve": "Time to resolve"}

#: Minutes within which we mean to be done, until an organisation says otherwise.
TARGETS: dict[str, dict[str, float]] = {
    "time_to_acknowledge": {
        "SEV1": 5, "SEV2": 10, "SEV3": 30, "SEV4": 240, "SEV5": 1440,
        "critical": 5, "error": 10, "warning": 60, "info": 1440,
    },
    "time_to_resolve": {
        "SEV1": 240, "SEV2": 480, "SEV3": 1440, "SEV4": 4320, "SEV5": 10080,
        "critical": 240, "error": 480, "warning": 1440, "info": 4320,
    },
}  # fmt: skip


@dataclass(frozen=True)
class Answer:
    """One metric over one window: the sentence, the numbers behind it and the figures that show it."""

    metric: str
    noun: str
    since: pd.Timestamp
    until: pd.Timestamp
    as_of: pd.Timestamp
    zone: str
    n: int
    still_open: int
    unknown: int
    left_out: dict[str, int]
    median_minutes: float | None
    interval: tuple[float | None, float | None]
    p90: float | None
    sentence: str
    change: str
    beside: str
    footer: str
    durations: pd.DataFrame = field(repr=False)
    table: pd.DataFrame = field(repr=False)
    weeks: pd.DataFrame = field(repr=False)

    @property
    def title(self) -> str:
        return TITLES[self.metric]

    @property
    def median_words(self) -> str:
        """The headline number: "2 min 40 s", "too few to tell", "none on record", "not reached yet"."""
        if not response.how_much_we_say(self.n).median:
            return "too few to tell"
        if not self.is_on_record:
            return "none on record"
        return "not reached yet" if self.median_minutes is None else words.duration(self.median_minutes)

    @property
    def is_on_record(self) -> bool:
        """Whether any of them is over: of none there is nothing to say how long it takes."""
        return bool(response.counted(self.durations)["observed"].any())

    @property
    def p90_words(self) -> str:
        """ "9 min", or empty when there are too few to say it or it is not reached."""
        return "" if self.p90 is None else words.duration(self.p90)

    @property
    def change_sentence(self) -> str:
        """`change` as a sentence of its own; empty where there are too few for a median to begin with."""
        if not response.how_much_we_say(self.n).median:
            return ""
        than = self.change if self.change.endswith("before") else f"{self.change} against the window before"
        return f"{than[0].upper()}{than[1:]}."

    @property
    def how_we_know(self) -> str:
        """The definition and the method, for whoever asks."""
        return f"{DEFINITIONS[self.metric]} {METHOD}"

    @property
    def severity_sentence(self) -> str:
        """The sentence above `curves`: each severity's median, the worst severity first."""
        said = self.table[self.table["median"].notna()]["median"]
        rest = [str(name) for name in self.table.index if name not in said.index]
        too_few = f"no median yet for {', '.join(rest)}" if rest else ""
        if said.empty:
            return f"{too_few[0].upper()}{too_few[1:]}." if too_few else f"No {self.noun}s in this window."
        each = ", ".join(f"{name} within {words.duration(minutes)}" for name, minutes in said.items())
        return f"Half are {VERBS[self.metric]}: {each}{'; ' + too_few if too_few else ''}."

    def figure(self, theme: Theme = "light") -> "Figure":
        """Week by week: median with its interval, p90; dots where a week has too few."""
        from analytics import figures  # only a process that draws pays for plotly

        dots = weeks.dots(self.durations, self.weeks, zone=self.zone)
        return figures.trend(self.weeks, dots, title=self.title, theme=theme)

    def curves(self, theme: Theme = "light") -> "Figure":
        """The share not over yet after each length of time, by severity."""
        from analytics import figures

        draw: Callable[..., Figure] = getattr(figures, self.metric)
        return draw(self.durations, medians=self.table, theme=theme)

    def severities_in_words(self) -> pd.DataFrame:
        """The table behind `curves`, as a person reads it."""
        table = self.table.reset_index()
        shown = {
            "Severity": table["severity"],
            "n": table["n"].astype(str),
            "Still open": table["still_open"].astype(str),
        }
        rows = pd.DataFrame({**shown, **_quantiles_in_words(table)})
        shares = [_share_in_words(row) for _, row in table.iterrows()]
        return rows.assign(**{"Within target": pd.Series(shares, index=rows.index, dtype="str")})

    def weeks_in_words(self) -> pd.DataFrame:
        """The table behind `figure`, newest week first."""
        table = self.weeks.iloc[::-1].reset_index(drop=True)
        marks = table["partial"].map({True: " (part of it)", False: ""}).astype("str")
        names = pd.Series([f"{at.day} {at:%b %Y}" for at in table["week"]], index=table.index, dtype="str")
        shown = {
            "Week of": names + marks,
            "n": table["n"].astype(str),
            "Still open": table["still_open"].astype(str),
        }
        return pd.DataFrame({**shown, **_quantiles_in_words(table)})


@dataclass(frozen=True)
class Review:
    """Both halves of a response, over one window and as known at one moment."""

    noun: str
    since: pd.Timestamp
    until: pd.Timestamp
    as_of: pd.Timestamp
    zone: str
    acknowledge: Answer
    resolve: Answer

    @property
    def header(self) -> str:
        """ "12 Oct 2025 to 4 Jan 2026, Europe/Riga, as known on Mon 5 Jan 2026, 02:00 EET"."""
        window = f"{words.day(self.since, self.zone)} to {words.day(self.until, self.zone)}"
        return f"{window}, {self.zone}, as known on {words.moment(self.as_of, self.zone)}"

    @property
    def sentence(self) -> str:
        """Both answers in one sentence."""
        first, second = self.acknowledge, self.resolve
        if not first.n and not second.n:
            return f"There were no {self.noun}s in this window, so there is nothing to measure."
        if not response.how_much_we_say(first.n).median:
            return f"Too few to tell: {words.count(first.n, self.noun)} in this window, and a median needs 6."
        if not first.is_on_record and not second.is_on_record:
            return f"{first.sentence} {second.sentence}"
        if not first.is_on_record:
            return f"{first.sentence} To resolve half of them it takes {_median_with_interval(second)}."
        if not second.is_on_record:
            half = f"It takes {_median_with_interval(first)} to acknowledge half of our {self.noun}s"
            return f"{half}. {second.sentence}"
        return (
            f"It takes {_median_with_interval(first)} to acknowledge half of our {self.noun}s and"
            f" {_median_with_interval(second)} to resolve half of them."
        )


def review(
    rows: pd.DataFrame,
    since: Moment,
    until: Moment,
    as_of: Moment,
    zone: str = "UTC",
    *,
    events: pd.DataFrame | None = None,
    targets: Mapping[str, Mapping[str, float]] | None = None,
) -> Review:
    """How long incidents (or alerts) detected in the half-open [since, until) took, as known at `as_of`.

    `rows` are incidents or alerts as `frames` and the loaders give them, further back than `since` if the
    change against the window before is wanted. `events` lets reopened ones be replayed. Moments carry a zone;
    `zone` is the one the report speaks in. `targets` replaces `TARGETS`, by metric and severity.
    """
    noun = "alert" if "fired_at" in rows.columns else "incident"
    window = _Window(_aware(since, "since"), _aware(until, "until"), _aware(as_of, "as_of"), ZoneInfo(zone).key)
    chosen = targets or TARGETS
    acknowledge = _answer("time_to_acknowledge", rows, window, noun, events, chosen)
    resolve = _answer("time_to_resolve", rows, window, noun, events, chosen)
    return Review(noun, window.since, window.until, window.as_of, window.zone, acknowledge, resolve)


@dataclass(frozen=True)
class _Window:
    since: pd.Timestamp
    until: pd.Timestamp
    as_of: pd.Timestamp
    zone: str

    @property
    def before(self) -> "_Window":
        return _Window(self.since - (self.until - self.since), self.since, self.as_of, self.zone)


def _aware(moment: Moment, name: str) -> pd.Timestamp:
    at = pd.Timestamp(moment)
    if at.tzinfo is None:
        raise ValueError(f"{name} needs a zone, such as {at.isoformat()}Z")
    return at.tz_convert("UTC").as_unit("us")


def _answer(
    metric: str,
    rows: pd.DataFrame,
    window: _Window,
    noun: str,
    events: pd.DataFrame | None,
    targets: Mapping[str, Mapping[str, float]],
) -> Answer:
    durations = _measure(metric, rows, window, events)
    overall = response.spoken(response.summary(durations)).iloc[0]
    by_severity = response.spoken(response.summary(durations, by="severity"))
    shares = response.share_within(durations, targets.get(metric, {}))
    why = response.left_out(durations)
    answer: dict[str, Any] = {
        "n": int(overall["n"]),
        "still_open": int(overall["still_open"]),
        "unknown": why.pop("stop unknown", 0),
        "left_out": why,
        "median_minutes": _or_none(overall["median"]),
        "interval": (_or_none(overall["low"]), _or_none(overall["high"])),
        "p90": _or_none(overall["p90"]),
    }
    span: dict[str, Any] = {
        "since": window.since,
        "until": window.until,
        "as_of": window.as_of,
        "zone": window.zone,
    }
    return Answer(
        metric=metric,
        noun=noun,
        **span,
        **answer,
        sentence=_sentence(metric, noun, overall),
        change=_change(durations, _measure(metric, rows, window.before, events), window),
        beside=_beside(metric, rows, window, events, durations),
        footer=response.footer(durations, **span),
        durations=durations,
        table=by_severity.join(shares[["target", "share"]]).sort_index(key=_worst_first),
        weeks=weeks.by_week(durations, **span),
    )


def _measure(
    metric: str, rows: pd.DataFrame, window: _Window, events: pd.DataFrame | None, **options: Any
) -> pd.DataFrame:
    cohort = response.between(rows, window.since, window.until)
    if metric == "time_to_acknowledge":
        return response.time_to_acknowledge(cohort, as_of=window.as_of, events=events)
    return response.time_to_resolve(cohort, as_of=window.as_of, events=events, **options)


def _or_none(value: float) -> float | None:
    return None if pd.isna(value) else float(value)


def _worst_first(severities: "pd.Index[Any]") -> "pd.Index[Any]":
    return severities.map(columns.level)


def _sentence(metric: str, noun: str, overall: "pd.Series[Any]") -> str:
    n, verb = int(overall["n"]), VERBS[metric]
    say = response.how_much_we_say(n)
    if not n:
        return f"No {noun}s in this window."
    if say.dots_only:
        return f"Too few to tell: {words.count(n, noun)} in this window, and a median needs 6."
    if not overall["ended"]:
        return f"None of {words.count(n, noun)} has {ON_RECORD[metric]} on record, so there is no median."
    if pd.isna(overall["median"]):
        return f"Fewer than half of {n:,} {noun}s are {verb} so far, so there is no median yet."
    between = words.interval(overall["low"], overall["high"])
    named = between if pd.isna(overall["low"]) and pd.isna(overall["high"]) else f"95 % interval {between}"
    half = f"Half of {n:,} {noun}s are {verb} within {words.duration(overall['median'])} ({named})"
    if not say.p90:
        return f"{half}."
    if pd.isna(overall["p90"]):
        return f"{half}; not yet nine in ten."
    return f"{half}, nine in ten within {words.duration(overall['p90'])}."


def _median_with_interval(answer: Answer) -> str:
    if answer.median_minutes is None:
        few = not response.how_much_we_say(answer.n).median
        return "too few to tell" if few else "longer than we can tell yet"
    low, high = (float("nan") if end is None else end for end in answer.interval)
    return f"{words.duration(answer.median_minutes)} ({words.interval(low, high)})"


def _change(now: pd.DataFrame, before: pd.DataFrame, window: _Window) -> str:
    """Against the window of the same length just before; severities are compared like with like."""
    a, b = response.counted(now), response.counted(before)
    if not (response.how_much_we_say(len(a)).compared and response.how_much_we_say(len(b)).compared):
        return "too few to tell"
    _, p = log_rank(
        (a["minutes"], a["observed"]),
        (b["minutes"], b["observed"]),
        strata=(a["severity"].fillna("").tolist(), b["severity"].fillna("").tolist()),
    )
    difference = float(response.summary(now)["median"].iloc[0] - response.summary(before)["median"].iloc[0])
    if pd.isna(p) or pd.isna(difference) or p >= 0.05 or difference == 0:
        return "no clear change"
    than = f"than the {words.span((window.until - window.since) / pd.Timedelta(days=1))} before"
    return f"{words.duration(abs(difference))} {'slower' if difference > 0 else 'faster'} {than}"


def _beside(
    metric: str, rows: pd.DataFrame, window: _Window, events: pd.DataFrame | None, durations: pd.DataFrame
) -> str:
    """What the headline would be with closing times, when over 2 % have no other stop; else empty."""
    unknown = int((durations["left_out"] == "stop unknown").sum())
    if (
        metric != "time_to_resolve"
        or not unknown
        or unknown <= 0.02 * (unknown + len(response.counted(durations)))
    ):
        return ""
    other = response.spoken(response.summary(_measure(metric, rows, window, events, stop_fallback="closed_at")))
    return (
        f"With the closing time for the {words.count(unknown, 'unknown stop')} the median would be"
        f" {words.duration(float(other['median'].iloc[0]))}."
    )


def _quantiles_in_words(table: pd.DataFrame) -> dict[str, "pd.Series[Any]"]:
    return {
        "Median": table["median"].map(_cell).astype("str"),
        "95 % interval": pd.Series(
            [
                words.interval(low, high) if n >= 6 else "too few to tell"
                for n, low, high in zip(table["n"], table["low"], table["high"], strict=True)
            ],
            index=table.index,
            dtype="str",
        ),
        "p90": table["p90"].map(_cell).astype("str"),
    }


def _cell(minutes: float) -> str:
    return "–" if pd.isna(minutes) else words.duration(minutes)


def _share_in_words(row: "pd.Series[Any]") -> str:
    if pd.isna(row["target"]) or row["n"] < 6:
        return "–"
    return f"{words.share(row['share'])} in {words.duration(row['target'])}"
