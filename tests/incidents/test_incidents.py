"""From an alert to an incident, through its states, to its end."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from apiflask import APIFlask

from app.alerts import queries as alert_queries
from app.database import db, transaction
from app.domain.alert import Said
from app.domain.lifecycle import InvalidTransition
from app.domain.words import AlertStatus, IncidentSeverity, IncidentStatus, Phase, Severity
from app.engine import jobs
from app.incidents import command, queries, status
from app.incidents.models import Incident
from app.incidents.promote import add_alert, promote
from app.people.models import User
from tests.support.clock import TestClock
from tests.support.world import World


@pytest.fixture
def world(app: APIFlask, clock: TestClock) -> World:
    world = World(clock)
    world.fire()
    world.tick()
    return world


def promoted(world: World, by: User, number: int = 1) -> int:
    with transaction():
        alert = alert_queries.locked(number)
        assert alert is not None
        return promote(alert, by=db.session.merge(by), at=world.now).id


def incident(number: int = 1) -> Incident:
    found = db.session.get(Incident, number, populate_existing=True)
    assert found is not None
    return found


def change(act: Callable[[Incident], None]) -> None:
    with transaction():
        found = queries.locked(1)
        assert found is not None
        act(found)


def test_S25_promoting_an_alert_nobody_has_acknowledges_it_in_the_same_tap(world: World) -> None:
    world.clock.advance(minutes=2)
    promoted(world, world.cast.cleo)
    assert world.alert().status is AlertStatus.ACKNOWLEDGED
    made = incident()
    assert (made.severity, made.status, made.phase) == (
        IncidentSeverity.SEV1,
        IncidentStatus.OPEN,
        Phase.DETECTION,
    )
    assert made.commander_id == world.cast.cleo.id
    assert made.detected_at == world.alert().created_at
    assert made.acknowledged_at == made.declared_at == world.now
    assert [service.name for service in made.services] == ["checkout-api"]


def test_S35_the_promoter_of_an_acknowledged_alert_commands_and_the_acknowledgement_stays(world: World) -> None:
    world.acknowledge(world.cast.ada)
    acknowledged_at = world.now
    world.clock.advance(minutes=3)
    promoted(world, world.cast.cleo)
    assert world.alert().acknowledged_by_id == world.cast.ada.id
    assert incident().acknowledged_at == acknowledged_at


def test_promoting_twice_is_one_incident(world: World) -> None:
    assert promoted(world, world.cast.ada) == promoted(world, world.cast.ben) == 1
    assert incident().commander_id == world.cast.ada.id


@pytest.mark.parametrize(
    ("severity", "suggested"),
    [
        (Severity.CRITICAL, IncidentSeverity.SEV1),
        (Severity.ERROR, IncidentSeverity.SEV2),
        (Severity.WARNING, IncidentSeverity.SEV3),
        (Severity.INFO, IncidentSeverity.SEV5),
    ],
)
def test_S22_promoting_suggests_a_severity(
    world: World, severity: Severity, suggested: IncidentSeverity
) -> None:
    world.fire(key="other", severity=severity)
    promoted(world, world.cast.ada, number=2)
    assert incident().severity is suggested


def test_the_phases_follow_the_status_to_the_end(world: World) -> None:
    promoted(world, world.cast.cleo)
    seen = []
    for act in (status.begin, status.mitigate, status.resolve, status.close):
        change(lambda i, act=act: act(i, by=db.session.merge(world.cast.cleo), at=world.now))
        seen.append(incident().phase)
    assert seen == [Phase.CONTAINMENT, Phase.RECOVERY, Phase.LEARNING, Phase.LEARNING]
    with pytest.raises(InvalidTransition, match="closed"):
        change(lambda i: status.mitigate(i, by=db.session.merge(world.cast.cleo), at=world.now))


def test_resolving_an_incident_resolves_those_of_its_alerts_that_were_ticked(world: World) -> None:
    world.fire(key="two")
    promoted(world, world.cast.cleo)
    change(
        lambda i: add_alert(
            i, db.session.merge(world.alert(2)), by=db.session.merge(world.cast.cleo), at=world.now
        )
    )
    change(lambda i: status.resolve(i, by=db.session.merge(world.cast.cleo), at=world.now, alerts=[2]))
    assert world.alert(2).status is AlertStatus.RESOLVED
    assert world.alert(1).status is AlertStatus.ACKNOWLEDGED


def test_an_incident_never_resolves_by_itself_but_knows_when_all_its_alerts_are_over(world: World) -> None:
    promoted(world, world.cast.cleo)
    assert not queries.all_alerts_over(incident())
    world.fire(status=Said.RESOLVED)
    assert queries.all_alerts_over(incident())
    assert incident().status is IncidentStatus.OPEN


def test_a_resolved_incident_closes_by_itself_after_three_days(world: World) -> None:
    promoted(world, world.cast.cleo)
    change(lambda i: status.resolve(i, by=db.session.merge(world.cast.cleo), at=world.now))
    world.clock.advance(days=3, seconds=-1)
    assert jobs.close_resolved() == 0
    world.clock.advance(seconds=1)
    assert jobs.close_resolved() == 1
    assert incident().closed_at == world.now


def test_reopening_counts_and_clears_the_resolution(world: World) -> None:
    promoted(world, world.cast.cleo)
    cleo = world.cast.cleo
    change(lambda i: status.resolve(i, by=db.session.merge(cleo), at=world.now, resolution="rolled back"))
    change(lambda i: status.reopen(i, by=db.session.merge(cleo), at=world.now + timedelta(hours=1)))
    assert (incident().status, incident().resolved_at, incident().reopen_count) == (
        IncidentStatus.IN_PROGRESS,
        None,
        1,
    )


def test_S35_command_is_handed_over_explicitly(world: World) -> None:
    promoted(world, world.cast.ada)
    world.clock.advance(minutes=9)
    change(
        lambda i: command.hand_over(
            i, to=db.session.merge(world.cast.cleo), by=db.session.merge(world.cast.ada), at=world.now
        )
    )
    assert (incident().commander_id, incident().commander_since) == (world.cast.cleo.id, world.now)
