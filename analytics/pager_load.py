"""What on-call work does to people: interruptions, nights, shifts and how evenly all that falls."""

from typing import Any

import numpy as np
import pandas as pd

from analytics import hours
from analytics.change import gini
from analytics.hours import SLEEPING, interruption_kind
from analytics.intervals import share_interval as share_interval
from analytics.milestones import JOINED, LEFT
from analytics.response import Moment, known_rows, looked_up, minutes_between
from analytics.tables import Tables

INTERRUPTING = ("push", "phone", "sms", "voice")
JOINS = pd.Timedelta(seconds=60)
SRE_CEILING = 2.0  # incidents per 12 h of shift
SEED = 20260105
DRAWS = 2000
SMALL_GROUP = 3  # fewer people than this in a group: no figures by person


def told_of(tables: Tables, *, as_of: Moment, zone: str) -> pd.DataFrame | None:
    """The interruptions to judge a change by; None where the source tells of no pages at all, so that none is
    not taken for zero: `backtest` then takes each alert for one.
    """
    if tables.pages.empty:
        return None
    return interruptions(tables.pages, as_of=as_of, zone=zone, people=tables.people)


def interruptions(
    pages: pd.DataFrame, *, as_of: Moment, zone: str, people: pd.DataFrame | None = None
) -> pd.DataFrame:
    """One row per time somebody was disturbed: ``user``, ``at``, ``pages``, ``kind`` (sleep, off, business),
    ``night``.

    Pages by push, phone or SMS; one at most 60 s after the previous page of the same person joins it. Hours
    are the person's own, in their zone, where `people` tells them; else 22:00 to 08:00 in `zone`.
    """
    at = _moment(as_of)
    sent = pages[(pages["sent_at"] < at) & pages["user"].notna()]
    channel = sent["channel"].astype("str").str.lower()
    rang = sent[channel.isin(INTERRUPTING) | sent["channel"].isna()].sort_values(
        ["user", "sent_at"], kind="stable"
    )
    gap = rang["sent_at"] - rang.groupby("user")["sent_at"].shift()
    number = (~(gap <= JOINS)).cumsum()
    table = rang.groupby(number, sort=False).agg(
        user=("user", "first"), at=("sent_at", "first"), pages=("page_id", "size"),
        alert_id=("alert_id", "first"), incident_id=("incident_id", "first"),
    )  # fmt: skip
    return _by_clock(table.reset_index(drop=True), people, zone)


def _by_clock(table: pd.DataFrame, people: pd.DataFrame | None, zone: str) -> pd.DataFrame:
    kind: pd.Series[Any] = pd.Series("", index=table.index, dtype="str")
    night = pd.Series(pd.NaT, index=table.index, dtype="datetime64[us]")
    for user, rows in table.groupby("user", sort=False):
        own_zone, sleep = clock_of(people, str(user), zone)
        kind[rows.index] = interruption_kind(rows["at"], own_zone, sleep=sleep)
        night[rows.index] = hours.night_of(rows["at"], own_zone)
    return table.assign(kind=kind, night=night)


def clock_of(people: pd.DataFrame | None, user: str, zone: str) -> tuple[str, tuple[str, str]]:
    """A person's zone and hours of sleep; the report's zone and the house's hours where they are not known."""
    found = None if people is None else people[people["user"] == user]
    if found is None or found.empty:
        return zone, hours.SLEEP
    row = found.iloc[0]
    own = (row["sleep_start"], row["sleep_end"])
    sleep = hours.SLEEP if pd.isna(own[0]) or pd.isna(own[1]) else (str(own[0]), str(own[1]))
    return (zone if pd.isna(row["time_zone"]) else str(row["time_zone"])), sleep


def by_person(table: pd.DataFrame) -> pd.DataFrame:
    """Interruptions per person, the most first: ``sleep``, ``off``, ``business``, ``total``."""
    kinds = table.groupby(["user", "kind"]).size().unstack(fill_value=0)
    counts = kinds.reindex(columns=[SLEEPING, hours.OFF, hours.BUSINESS], fill_value=0).astype("int64")
    return counts.assign(total=counts.sum(axis=1)).sort_values("total", ascending=False)


def by_kind(kinds: "pd.Series[Any]") -> pd.DataFrame:
    """Of the kinds of all interruptions: ``k`` of ``n`` each, the share with Wilson's interval."""
    n = len(kinds)
    lines = {}
    for kind in (SLEEPING, hours.OFF, hours.BUSINESS):
        k = int((kinds == kind).sum())
        low, high = share_interval(k, n)
        lines[kind] = {"k": k, "n": n, "share": k / n if n else float("nan"), "low": low, "high": high}
    return pd.DataFrame.from_dict(lines, orient="index").rename_axis("kind")


def nights_broken(table: pd.DataFrame) -> pd.DataFrame:
    """Per person: nights with one or more sleep interruptions, the longest run of them, and whether that is 3
    or more.
    """
    asleep = table[table["kind"] == SLEEPING].drop_duplicates(["user", "night"]).sort_values(["user", "night"])
    lines = {}
    for user, rows in asleep.groupby("user", sort=True):
        follows = rows["night"].diff() == pd.Timedelta(days=1)
        run = int(follows.groupby((~follows).cumsum()).size().max())
        lines[str(user)] = {"nights": len(rows), "longest_run": run, "warning": run >= 3}
    return pd.DataFrame.from_dict(
        lines, orient="index", columns=["nights", "longest_run", "warning"]
    ).rename_axis("user")


def shift_load(pages: pd.DataFrame, shifts: pd.DataFrame, *, as_of: Moment) -> pd.DataFrame:
    """Per shift that has begun: ``hours``, ``incidents`` that paged its person in it, ``per_12_h``, ``over``
    (above 2).
    """
    at = _moment(as_of)
    begun = shifts[shifts["start"] < at].reset_index(drop=True)
    end = begun["end"].where(begun["end"] <= at, at)
    length = minutes_between(begun["start"], end) / 60
    sent = pages[(pages["sent_at"] < at) & pages["incident_id"].notna()]
    found = [
        sent.loc[
            (sent["user"] == row.user) & (sent["sent_at"] >= row.start) & (sent["sent_at"] < stop),
            "incident_id",
        ].nunique()
        for row, stop in zip(begun.itertuples(), end, strict=True)
    ]
    incidents = pd.Series(found, index=begun.index, dtype="int64")
    per_12_h = incidents / (length / 12).where(length > 0)
    return begun.assign(hours=length, incidents=incidents, per_12_h=per_12_h, over=per_12_h > SRE_CEILING)


def by_load(table: pd.DataFrame) -> pd.DataFrame:
    """How many ``shifts`` of `shift_load` had so many incidents in 12 hours, and whether that is ``over``."""
    top = 2 * int(SRE_CEILING)  # what is beyond stands together: one bad shift would squeeze the others
    names = ["none", "up to 1", *[f"{n - 1} to {n}" for n in range(2, top + 1)], f"over {top}"]
    places = np.ceil(table["per_12_h"].dropna().to_numpy(dtype="float64")).astype("int64").clip(max=top + 1)
    counts = np.bincount(places, minlength=top + 2)
    return pd.DataFrame({"shifts": counts, "over": np.arange(top + 2) > SRE_CEILING}, index=names)


def load_fairness(
    table: pd.DataFrame, shifts: pd.DataFrame | None, *, as_of: Moment, seed: int = SEED
) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Who was woken, against what their hours on call would give by luck.

    The table has ``observed`` sleep interruptions, ``hours`` on call, ``expected`` and ``ratio`` per person;
    the numbers are ``gini``, ``chi2`` and ``p``: the share of 2,000 draws (the same seed, the same p) in which
    luck alone, given the hours, spreads them as unevenly; ``why`` says why they are not defined, where they are
    not. Without shifts everybody is taken to have had the same hours.
    """
    asleep = table[table["kind"] == SLEEPING]
    observed = asleep["user"].value_counts()
    hours_on_call = _hours(shifts, _moment(as_of))
    names = sorted({*(str(u) for u in table["user"].unique()), *hours_on_call.index})
    on_call = hours_on_call.reindex(names).fillna(0.0) if len(hours_on_call) else pd.Series(1.0, index=names)
    seen = observed.reindex(names).fillna(0).astype("int64")
    total = int(seen.sum())
    share = on_call / on_call.sum() if on_call.sum() > 0 else on_call
    expected = share * total
    people = pd.DataFrame({"observed": seen, "hours": on_call, "expected": expected}).rename_axis("user")
    people["ratio"] = people["observed"] / people["expected"].where(people["expected"] > 0)
    numbers: dict[str, Any] = {
        "gini": gini(seen),
        "chi2": float("nan"),
        "p": float("nan"),
        "n": float(total),
        "seed": float(seed),
        "why": "" if total else "nobody was woken",
    }
    luck = expected > 0
    if total and luck.sum() > 1:
        chi2 = float((((seen - expected)[luck] ** 2) / expected[luck]).sum())
        inside = int(seen[luck].sum())
        drawn = np.random.default_rng(seed).multinomial(inside, share[luck] / share[luck].sum(), DRAWS)
        by_luck = (((drawn - expected[luck].to_numpy()) ** 2) / expected[luck].to_numpy()).sum(axis=1)
        numbers |= {"chi2": chi2, "p": float(((by_luck >= chi2 - 1e-9).sum() + 1) / (DRAWS + 1))}
    elif total:
        numbers["why"] = "fewer than two people had hours on call"
    return people.sort_values("observed", ascending=False), numbers


def response_effort(
    incidents: pd.DataFrame,
    events: pd.DataFrame,
    *,
    as_of: Moment,
    zone: str,
    people: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Per incident: ``responders``, ``person_minutes`` from joining to leaving (or the resolve, or `as_of`),
    and ``out_of_hours`` of them, outside 08:00 to 18:00 on weekdays by each person's clock. Without those of
    `effort_unknown`.
    """
    spells = _stays(incidents, events, as_of)
    spells = spells[~spells["is_unknown"]]
    minutes = minutes_between(spells["joined"], spells["stop"])
    inside = pd.Series(0.0, index=spells.index)
    for user, rows in spells.groupby("actor"):
        own_zone, _ = clock_of(people, str(user), zone)
        inside[rows.index] = hours.business_minutes(rows["joined"], rows["stop"], zone=own_zone)
    spells = spells.assign(person_minutes=minutes, out_of_hours=minutes - inside)
    return spells.groupby("incident_id").agg(
        responders=("actor", "nunique"), person_minutes=("person_minutes", "sum"),
        out_of_hours=("out_of_hours", "sum"),
    )  # fmt: skip


def effort_unknown(incidents: pd.DataFrame, events: pd.DataFrame, *, as_of: Moment) -> list[str]:
    """The incidents that were closed without a resolve while somebody had not left: until when they were on it,
    nobody knows.
    """
    spells = _stays(incidents, events, as_of)
    return sorted(str(name) for name in spells.loc[spells["is_unknown"], "incident_id"].unique())


def _stays(incidents: pd.DataFrame, events: pd.DataFrame, as_of: Moment) -> pd.DataFrame:
    """Who was on which incident, from ``joined`` to ``stop``; ``is_unknown`` of one of whom no end is known."""
    known = known_rows(incidents, as_of, events)
    resolved = known.moment("resolved_at")
    end_unknown = resolved.isna() & known.moment("closed_at").notna()
    over = resolved.fillna(known.as_of).mask(end_unknown).set_axis(known.rows["incident_id"])
    log = events[
        (events["at"] <= known.as_of) & events["actor"].notna() & events["incident_id"].isin(over.index)
    ]
    keys = ["incident_id", "actor"]
    spells = log[log["kind"].isin(JOINED)].groupby(keys)["at"].min().rename("joined").reset_index()
    left = log[log["kind"].isin(LEFT)].groupby(keys)["at"].max().rename("left").reset_index()
    spells = spells.merge(left, on=keys, how="left")
    stop = spells["left"].fillna(looked_up(spells["incident_id"], over))
    lost = spells["incident_id"].isin(spells.loc[stop.isna(), "incident_id"])
    return spells.assign(stop=stop.where(stop >= spells["joined"], spells["joined"]), is_unknown=lost)


def _hours(shifts: pd.DataFrame | None, at: pd.Timestamp) -> "pd.Series[Any]":
    if shifts is None or shifts.empty:
        return pd.Series(dtype="float64")
    begun = shifts[(shifts["start"] < at) & ((shifts["role"] == "primary") | shifts["role"].isna())]
    end = begun["end"].where(begun["end"] <= at, at)
    length = minutes_between(begun["start"], end) / 60
    return length.groupby(begun["user"]).sum()


def _moment(as_of: Moment) -> pd.Timestamp:
    moment = pd.Timestamp(as_of)
    if moment.tzinfo is None:
        raise ValueError(f"as_of needs a zone, such as {moment.isoformat()}Z")
    return moment.tz_convert("UTC")
