"""Triage: filters that are remembered, and several acknowledged at once."""

import pytest

from app.domain.words import AlertStatus, Severity
from tests.support.browser_forms import post
from tests.support.world import World
from tests.web.conftest import SeenBy


@pytest.fixture
def three(world: World) -> World:
    """Critical and warning for Ada, both unanswered; an error that Ben has."""
    world.fire("Checkout errors at 14 %", key="a", severity=Severity.CRITICAL)
    world.fire("Replica lag 41 s", key="b", severity=Severity.WARNING)
    world.fire("Auth gateway 502", key="c", severity=Severity.ERROR)
    world.tick()
    world.acknowledge(world.cast.ben, 3)
    return world


def test_what_nobody_has_comes_first_and_the_worst_before_the_rest(three: World, seen_by: SeenBy) -> None:
    page = seen_by(three.cast.ada).get("/alerts").text
    assert page.index("alert-row-1") < page.index("alert-row-2") < page.index("alert-row-3")
    assert "Acknowledge all 2" in page
    assert "Ben has it" in page


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ("needs=me", {1, 2}), ("severity=critical&severity=error", {1, 3}), ("severity=critical&needs=me", {1}),
        ("status=acknowledged", {3}), ("status=resolved", set()), ("urgency=low", {2}),
        ("team=mine", {1, 2, 3}), ("service=1", {1, 2, 3}), ("service=999", set()),
        ("severity=purple", {1, 2, 3}),
    ],
)  # fmt: skip
def test_a_filter_means_or_within_and_and_across(
    three: World, seen_by: SeenBy, query: str, numbers: set[int]
) -> None:
    page = seen_by(three.cast.ada).get(f"/alerts?{query}").text
    assert {number for number in (1, 2, 3) if f"alert-row-{number}" in page} == numbers


def test_somebody_in_no_team_has_no_alerts_of_their_teams(three: World, seen_by: SeenBy) -> None:
    page = seen_by(three.cast.root).get("/alerts?team=mine").text
    assert "No alerts match." in page


def test_each_chip_says_how_many_and_turns_itself_off(three: World, seen_by: SeenBy) -> None:
    page = seen_by(three.cast.ada).get("/alerts?severity=critical").text
    assert 'href="/alerts?clear=1" aria-current="true">Critical <span class="n">1</span>' in page
    assert 'href="/alerts?severity=critical&amp;needs=me">Needs me <span class="n">2</span>' in page


def test_the_filter_chosen_last_is_remembered_until_it_is_cleared(three: World, seen_by: SeenBy) -> None:
    client = seen_by(three.cast.ada)
    client.get("/alerts?severity=warning")
    assert "alert-row-1" not in client.get("/incidents?tab=alerts").text
    assert "alert-row-1" in client.get("/alerts?clear=1").text
    assert "alert-row-1" in client.get("/alerts").text


def test_an_empty_list_says_what_that_means(world: World, seen_by: SeenBy) -> None:
    client = seen_by(world.cast.ada)
    assert "Nothing is wrong that anybody told us of." in client.get("/alerts").text
    assert "No alerts match." in client.get("/alerts?severity=info").text


def test_all_that_are_listed_are_taken_when_none_is_ticked_and_given_back_together(
    three: World, seen_by: SeenBy
) -> None:
    client = seen_by(three.cast.ada)
    answer = post(client, "/alerts/acknowledgements", {"listed": [1, 2], "back": "/alerts"}, page="/alerts")
    assert answer.location == "/alerts"
    page = client.get("/alerts").text
    assert "2 acked." in page
    assert 'name="alert" value="2"' in page
    assert three.alert(2).acknowledged_by_id == three.cast.ada.id
    answer = post(client, "/alerts/acknowledgements/removal", {"alert": [1, 2, 3]}, page="/alerts/1")
    assert "2 given back." in client.get(answer.location).text
    assert three.alert(3).status is AlertStatus.ACKNOWLEDGED  # Ben's is not mine to give back


def test_only_those_ticked_are_taken_and_the_rest_is_told_in_words(three: World, seen_by: SeenBy) -> None:
    client = seen_by(three.cast.ada)
    answer = post(client, "/alerts/acknowledgements", {"listed": [1, 2], "alert": [1, 3]}, page="/alerts")
    assert "1 acked, 1 was taken or over already." in client.get(answer.location).text
    assert three.alert(2).status is AlertStatus.TRIGGERED
