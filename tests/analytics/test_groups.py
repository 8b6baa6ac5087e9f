"""Groups split or merged hold as many: of every metric, in pandas and in SQL, what the parts count is what the
whole counts.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pandas as pd
import pytest
from hypothesis import Phase, given, settings

import analytics
from analytics import archive, response, scale
from analytics.tables import Tables
from tests.analytics.stories import BEGAN, DAYS, Story, moments, stories, told
from tests.analytics.test_rules import DICTIONARY, METRICS, THEN
from tests.support.properties import EXAMPLES, patiently

few = settings(patiently, max_examples=EXAMPLES // 40, phases=(Phase.explicit, Phase.reuse, Phase.generate))
LATER = BEGAN + pd.Timedelta(days=2 * DAYS)
Counts = dict[Any, float]
LETTERS = "abc"


def _ends(durations: pd.DataFrame) -> Counts:
    """How many ended in each way, and how many were left out for each reason."""
    return Counter(response.counted(durations)["end"]) + Counter(durations["left_out"].dropna())


def _sums(*names: str) -> Callable[[pd.DataFrame], Counts]:
    return lambda table: {name: float(table[name].sum()) for name in names}


def _sums_by(key: str, *names: str) -> Callable[[pd.DataFrame], Counts]:
    def sums(table: pd.DataFrame) -> Counts:
        rows = table.reset_index().groupby(key)[list(names)].sum()
        return {(group, name): float(rows.loc[group, name]) for group in rows.index for name in names}

    return sums


def _of_means(table: pd.DataFrame) -> Counts:
    line = table.iloc[0].fillna(0)
    return {"n": line["n"], "total": line["n"] * line["mean"]}


LENGTHS = (
    "time_to_detect", "time_to_declare", "time_to_acknowledge", "time_to_acknowledge_alerts",
    "time_to_mobilise", "time_to_mitigate", "time_to_resolve", "time_to_restore",
)  # fmt: skip
#: metric: what it counts. The rest has no count that groups could share, and `ALONE` says why
COUNTS: dict[str, Callable[[Any], Counts]] = {
    **dict.fromkeys(LENGTHS, _ends),
    "time_to_page": _sums_by("leg", "observed"),
    "phase_shares": _sums_by("phase", "n", "ended", "still_open", "known", "of"),
    "share_within": _sums_by("severity", "n"),
    "incident_rate": _sums("n"),
    "weekly_counts": _sums_by("week", "n"),
    "reopen_rate": _sums("k", "n"),
    "reassignments": _of_means,
    "escalations": _sums_by("how", "n", "total"),
    "degraded_minutes": _sums_by("service", "incidents", "minutes"),
    "budget_spent": _sums_by("service", "n", "minutes", "measured"),
    "response_effort": lambda table: {"rows": len(table), **_sums("responders", "person_minutes")(table)},
    "interruptions": lambda table: {"rows": len(table), **_sums("pages")(table)},
    "interruption_kind": dict,
    "nights_broken": _sums_by("user", "nights"),
    "shift_load": _sums_by("user", "incidents"),
    "load_fairness": _sums_by("user", "observed"),
    "business_minutes": _sums("minutes", "business"),
    "actioned_share": _sums("n", "judged", "actioned"),
    "self_resolved_share": _sums_by("minutes", "k", "n"),
    "flapping": _sums("fires", "in_flaps"),
    "top_talkers": _sums("n"),
    "concentration": _sums("pairs"),
    "missed_by_alerts": lambda table: {"rows": len(table), **_sums("missed")(table)},
    "hold": _sums_by("minutes", "kept"),
    "regroup": lambda found: {"kept": found.kept, "suppressed": found.suppressed, "n": found.n},
}
ALONE = {
    "restricted_mean": "an area under a curve: of a mixture it is no sum",
    "peak_concurrency": "the peaks of two groups need not be at one moment",
    "cooccurrence": "a pair may stand in two groups",
}


def test_every_metric_is_counted_here_or_said_to_have_no_count():
    assert sorted([*COUNTS, *ALONE]) == sorted(METRICS)
    assert set(DICTIONARY) <= {*COUNTS, *ALONE}


def parts(tables: Tables) -> list[Tables]:
    """Split by service, and pages and shifts by person: everything of an incident, an alert and a person stays
    together. In stories the two go by the same letter.
    """
    services = sorted({*tables.incidents["service"], *tables.alerts["service"], *LETTERS})
    people = sorted({*tables.pages["user"], *tables.shifts["user"], *LETTERS})
    return [_part(tables, services[k::3], people[k::3]) for k in range(3)]


def _part(tables: Tables, services: list[str], people: list[str]) -> Tables:
    incidents, alerts = (rows[rows["service"].isin(services)] for rows in (tables.incidents, tables.alerts))
    log = tables.events
    of_them = log["incident_id"].isin(incidents["incident_id"]) | log["alert_id"].isin(alerts["alert_id"])
    pages, shifts = (rows[rows["user"].isin(people)] for rows in (tables.pages, tables.shifts))
    return replace(tables, incidents=incidents, alerts=alerts, events=log[of_them], pages=pages, shifts=shifts)


def _together(tales: list[Story]) -> list[Story]:
    """Of one letter each: service and team are one."""
    return [replace(tale, group=(tale.group[0], tale.group[0], tale.group[2])) for tale in tales]


def counted(name: str, some: list[Tables], at: pd.Timestamp) -> Counts:
    """What the metric counts in each of them, added up; what is nowhere is not listed."""
    summed: Counts = {}
    for tables in some:
        for key, n in COUNTS[name](METRICS[name](tables, at)).items():
            summed[key] = summed.get(key, 0.0) + float(n)
    return {key: round(n, 6) for key, n in summed.items() if n}


@pytest.mark.parametrize("name", sorted(COUNTS))
def test_the_services_and_people_of_the_sample_count_what_the_whole_does(name: str) -> None:
    tables = analytics.read("sample")
    whole = counted(name, [tables], THEN)
    assert whole
    if name == "time_to_page":  # by alert and by page, which a split by service and person tears apart
        return
    assert counted(name, parts(tables), THEN) == pytest.approx(whole)


@pytest.mark.parametrize("name", sorted(COUNTS))
@few
@given(stories, moments)
def test_the_parts_count_what_the_whole_counts(name: str, tales: list[Story], at: pd.Timestamp) -> None:
    tables = told(_together(tales), LATER)
    assert counted(name, parts(tables), at) == pytest.approx(counted(name, [tables], at))


@few
@given(stories, moments)
def test_peaks_and_pairs_of_the_parts_stay_within_the_whole(tales: list[Story], at: pd.Timestamp) -> None:
    tables = told(_together(tales), LATER)
    peaks = [METRICS["peak_concurrency"](part, at)[0] for part in parts(tables)]
    whole = METRICS["peak_concurrency"](tables, at)[0]
    assert max(peaks) <= whole <= sum(peaks)
    pairs = [int(METRICS["cooccurrence"](part, at)["together"].sum()) for part in parts(tables)]
    assert sum(pairs) <= int(METRICS["cooccurrence"](tables, at)["together"].sum())


@pytest.mark.parametrize("name", sorted(scale.PAIRS))
@few
@given(stories, moments)
def test_both_scales_count_the_same_whole_and_split(name: str, tales: list[Story], at: pd.Timestamp) -> None:
    tables = told(_together(tales), LATER)
    pair, needed = scale.PAIRS[name]
    found = []
    for some in ([tables], parts(tables)):
        by_pandas = [pair(*(getattr(one, table) for table in needed), as_of=at) for one in some]
        by_sql = [_by_sql(name, one, at, needed) for one in some]
        found += [sum(int(rows["n"].sum()) for rows in answers) for answers in (by_pandas, by_sql)]
    assert found == found[:1] * 4


def _by_sql(name: str, tables: Tables, at: pd.Timestamp, needed: tuple[str, ...]) -> pd.DataFrame:
    with TemporaryDirectory(prefix="nightbell-groups-") as folder:
        if getattr(tables, needed[0]).empty:  # of nothing there is no file to ask
            return pd.DataFrame({"n": []})
        archive.write(tables, Path(folder))
        return scale.on_parquet(name, Path(folder), as_of=at)
