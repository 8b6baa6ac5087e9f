"""Which open incident a promoted alert belongs to."""

from datetime import UTC, datetime, timedelta

from app.domain.joining import Join, Open, joins

NOW = datetime(2026, 11, 12, 3, 30, tzinfo=UTC)
CHECKOUT, SEARCH = 1, 2
GROUP = (7, '{}:{alertname="Errors"}')


def an_incident(number: int, minutes_ago: int, service: int, *groups: tuple[int, str]) -> Open:
    return Open(number, NOW - timedelta(minutes=minutes_ago), frozenset({service}), frozenset(groups))


def test_S26_a_group_is_one_incident_however_long_it_lasts() -> None:
    old, recent = an_incident(1, 300, SEARCH, GROUP), an_incident(2, 5, CHECKOUT)
    found = joins([old, recent], service_id=CHECKOUT, group=GROUP, at=NOW)
    assert found == Join(1, "its source puts both into one group")


def test_S26_the_same_words_of_another_integration_are_another_group() -> None:
    assert joins([an_incident(1, 300, SEARCH, GROUP)], service_id=CHECKOUT, group=(8, GROUP[1]), at=NOW) is None


def test_S26_else_the_youngest_of_the_service_that_began_in_the_last_30_minutes() -> None:
    several = [an_incident(1, 20, CHECKOUT), an_incident(2, 10, CHECKOUT), an_incident(3, 1, SEARCH)]
    assert joins(several, service_id=CHECKOUT, group=None, at=NOW) == Join(
        2, "the incident of the same service began 10 min before"
    )
    assert joins([an_incident(1, 30, CHECKOUT)], service_id=CHECKOUT, group=None, at=NOW) is not None
    assert joins([an_incident(1, 31, CHECKOUT)], service_id=CHECKOUT, group=None, at=NOW) is None
    assert joins([], service_id=CHECKOUT, group=GROUP, at=NOW) is None
