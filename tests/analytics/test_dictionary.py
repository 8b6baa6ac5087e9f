"""The dictionary of metrics: each under its name, as of a moment, and with a reason where it is not defined."""

import inspect
from pathlib import Path

import pandas as pd
import pytest

import analytics
from analytics import change, columns, means, pager_load
from analytics.response import NONE_COUNTS
from tests.analytics.rows import AS_OF, DAY, alerts, incidents
from tests.analytics.test_response import lasting
from tests.analytics.test_rules import DICTIONARY

#: made from a table, or from moments, that were as of a moment already
OF_WHAT_WAS_KNOWN = {
    "restricted_mean": "durations", "share_within": "durations", "degraded_minutes": "table",
    "nights_broken": "table", "interruption_kind": "moments", "business_minutes": "starts",
}  # fmt: skip
EMPTY = {
    name: columns.empty(getattr(columns, name.upper()))
    for name in ("incidents", "events", "alerts", "pages", "shifts", "people")
}
SPAN = {"since": AS_OF - pd.Timedelta(weeks=4), "until": AS_OF}


@pytest.mark.parametrize("name", DICTIONARY)
def test_each_is_a_function_of_that_name_and_takes_the_moment_it_speaks_of(name):
    metric = getattr(analytics, name)
    assert metric.__name__ == name
    assert name in analytics.__all__
    taken = inspect.signature(metric).parameters
    if name in OF_WHAT_WAS_KNOWN:
        assert next(iter(taken)) == OF_WHAT_WAS_KNOWN[name]
    else:
        assert taken["as_of"].kind is inspect.Parameter.KEYWORD_ONLY
        assert taken["as_of"].default is inspect.Parameter.empty


def test_each_stands_in_the_dictionary_for_readers():
    page = (Path(__file__).parents[2] / "docs" / "analytics.md").read_text()
    dictionary = page.partition("## The dictionary")[2].partition("\n## ")[0]
    assert [name for name in DICTIONARY if f"`{name}`" not in dictionary] == []


def first(table: pd.DataFrame | dict) -> dict:
    return table if isinstance(table, dict) else table.iloc[0].to_dict()


#: what is not defined: the answer, the number in it, and why there is none
UNDEFINED = {
    "the median of nothing": (lambda: analytics.summary(lasting([])), "median", NONE_COUNTS),
    "the median of what waits": (
        lambda: analytics.summary(lasting([3, 5, 8], still_open=2)), "median", "fewer than half are over",
    ),
    "the mean of nothing": (lambda: means.restricted_mean(lasting([])), "mean", NONE_COUNTS),
    "the mean of a day, after an hour": (
        lambda: means.restricted_mean(lasting([30, 60], still_open=1)), "mean", "none was watched for so long",
    ),
    "the share within a day, after an hour": (
        lambda: analytics.share_within(lasting([30, 60], still_open=1), 1440.0), "share",
        "none was watched for so long",
    ),
    "the rate of no time": (
        lambda: analytics.incident_rate(EMPTY["incidents"], since=AS_OF, until=AS_OF, as_of=AS_OF), "rate",
        "no week has passed",
    ),
    "the rate of no deploy": (
        lambda: analytics.incident_rate(EMPTY["incidents"], **SPAN, as_of=AS_OF, deploys=0), "rate",
        "no deploy is known",
    ),
    "reopened of none": (
        lambda: analytics.reopen_rate(EMPTY["incidents"], as_of=AS_OF), "share", NONE_COUNTS,
    ),
    "handed on of none": (
        lambda: analytics.reassignments(EMPTY["incidents"], as_of=AS_OF), "mean", NONE_COUNTS,
    ),
    "escalations of none": (
        lambda: analytics.escalations(EMPTY["alerts"], EMPTY["events"], as_of=AS_OF), "mean",
        "no alert had fired",
    ),
    "led to something, of none": (
        lambda: analytics.actioned_share(EMPTY["alerts"], as_of=AS_OF), "share", "no alert had fired",
    ),
    "led to something, of none judged": (
        lambda: analytics.actioned_share(alerts({"fired_at": "08:00"}), as_of=AS_OF), "share",
        "none was judged",
    ),
    "ended by itself, of none": (
        lambda: analytics.self_resolved_share(EMPTY["alerts"], as_of=AS_OF), "share", "no alert had fired",
    ),
    "the top of none": (
        lambda: analytics.concentration(EMPTY["alerts"], as_of=AS_OF), "gini", "no alert had fired",
    ),
    "the budget of an objective of all": (
        lambda: analytics.budget_spent(
            incidents({"detected_at": "08:00", "service": "Search"}), **SPAN, as_of=AS_OF, slo=1.0
        ),
        "spent", "an objective of 100 % leaves no budget",
    ),
    "fairness where nobody was woken": (lambda: fairness("14:00"), "gini", "nobody was woken"),
    "fairness of one": (lambda: fairness("03:00"), "p", "fewer than two people had hours on call"),
}  # fmt: skip


def fairness(clock: str) -> dict:
    sent = pd.DataFrame([{"page_id": "1", "user": "Ada", "channel": "push", "sent_at": f"{DAY}T{clock}Z"}])
    table = pager_load.interruptions(
        columns.tidy(sent, columns.PAGES), as_of=AS_OF + pd.Timedelta(days=1), zone="UTC"
    )
    return analytics.load_fairness(table, None, as_of=AS_OF)[1]


@pytest.mark.parametrize("name", UNDEFINED)
def test_what_is_not_defined_is_no_number_and_says_why(name):
    asked, number, why = UNDEFINED[name]
    found = first(asked())
    assert (pd.isna(found[number]), found["why"]) == (True, why)


def test_what_is_defined_gives_no_reason():
    two = lasting([30, 3000])
    six = means.restricted_mean(lasting([30, 30, 40, 50, 60, 3000]))
    for table in (analytics.summary(two), six, analytics.share_within(two, 60.0)):
        assert first(table)["why"] == ""


def test_evenness_of_nothing_to_share_is_not_perfect_evenness():
    assert pd.isna(change.gini([0, 0]))


def test_the_restricted_mean_of_a_day_has_its_interval_by_group():
    table = means.restricted_mean(pd.concat([lasting([3, 5, 8, 12, 20, 60], 1), lasting([9], severity="SEV2")]),
                                  30.0, by="severity")  # fmt: skip
    assert table.index.tolist() == ["SEV1", "SEV2"]
    assert table.loc["SEV2", ["limit", "n", "mean"]].tolist() == [30.0, 1, 9.0]
    assert table.loc["SEV1", "mean"] == pytest.approx((3 + 5 + 8 + 12 + 20 + 30) / 6)
    assert table.loc["SEV1", "low"] < table.loc["SEV1", "mean"] < table.loc["SEV1", "high"]


def test_a_mean_of_few_has_no_interval_and_none_starts_below_zero():
    """Two of one minute and one of a day: minus 460 minutes stood as the lower end."""
    few = means.restricted_mean(lasting([1, 1, 1440])).iloc[0]
    assert few["mean"] == pytest.approx(1442 / 3)
    assert (pd.isna(few["low"]), pd.isna(few["high"])) == (True, True)
    assert few["why"] == "too few for an interval: it needs 6"
    enough = means.restricted_mean(lasting([1, 1, 1, 1, 1, 1440])).iloc[0]
    assert (enough["low"], enough["high"] > enough["mean"], enough["why"]) == (0.0, True, "")


def test_a_share_that_nobody_can_tell_has_no_interval():
    """Watched for an hour, of a day nothing is known: the interval that stood there was the hour's."""
    line = analytics.share_within(lasting([30, 60, 20], still_open=2), 1440.0).iloc[0]
    assert line[["share", "low", "high"]].isna().all()
    assert line["why"] == "none was watched for so long"
