"""What a report does: opens, repeats, ends; and never pages twice for the same trouble."""

from app.alerts.receive import Outcome
from app.database import db, transaction
from app.domain.alert import Said
from app.domain.words import AlertStatus, EscalationState, LowUrgency, ResolvedBy, Severity, Urgency
from tests.support.world import World


def test_INV1_a_report_of_a_new_key_opens_an_alert_with_its_event_and_a_timer_that_is_due(world: World) -> None:
    received = world.fire()
    assert received.outcome is Outcome.OPENED
    assert world.alert().status is AlertStatus.TRIGGERED
    assert world.alert().urgency is Urgency.HIGH
    assert world.escalation().next_due_at == world.now
    assert world.events() == ["triggered"]


def test_INV17_the_same_key_again_updates_and_counts_and_does_not_page(world: World) -> None:
    world.fire("Errors at 14 %")
    world.tick()
    again = world.fire("Errors at 20 %")
    world.tick()
    assert again.outcome is Outcome.REPEATED
    assert (world.alert().title, world.alert().occurrences) == ("Errors at 20 %", 2)
    assert world.paged() == ["Ada"]


def test_a_rise_from_low_to_high_of_an_alert_nobody_has_pages(world: World) -> None:
    world.fire(severity=Severity.WARNING)
    world.tick()
    world.fire(severity=Severity.CRITICAL)
    world.tick()
    assert world.alert().severity is Severity.CRITICAL
    assert world.paged() == ["Ada", "Ada"]


def test_a_rise_of_an_acknowledged_alert_does_not_page(world: World) -> None:
    world.fire(severity=Severity.WARNING)
    world.tick()
    world.acknowledge(world.cast.ada)
    world.fire(severity=Severity.CRITICAL)
    world.tick()
    assert world.alert().urgency is Urgency.HIGH
    assert world.paged() == ["Ada"]


def test_the_source_resolves_its_alert_and_the_timer_ends(world: World) -> None:
    world.fire()
    world.tick()
    world.fire(status=Said.RESOLVED)
    assert world.alert().status is AlertStatus.RESOLVED
    assert world.alert().resolved_by is ResolvedBy.SOURCE
    assert world.escalation().state is EscalationState.STOPPED
    world.forward(minutes=20)
    assert world.paged() == ["Ada"]


def test_firing_after_resolved_is_a_new_alert_and_the_old_one_stays(world: World) -> None:
    world.fire()
    world.fire(status=Said.RESOLVED)
    assert world.fire().alert_id == 2
    assert world.alert(1).status is AlertStatus.RESOLVED


def test_INV18_a_resolve_of_an_unknown_key_changes_nothing(world: World) -> None:
    assert world.fire(status=Said.RESOLVED).outcome is Outcome.DROPPED
    assert world.fire(status=Said.ACKNOWLEDGED).outcome is Outcome.DROPPED


def test_reports_without_a_key_are_alerts_of_their_own(world: World) -> None:
    first, second = world.fire(key=""), world.fire(key="")
    assert first.dedup_key != second.dedup_key
    assert (first.alert_id, second.alert_id) == (1, 2)


def test_an_unknown_severity_wakes_somebody_unless_the_integration_says_otherwise(world: World) -> None:
    world.fire(severity=None)
    assert world.alert().severity is Severity.ERROR
    with transaction():
        db.session.merge(world.cast.integration).default_severity = Severity.INFO
    world.fire(key="other", severity=None)
    assert world.alert(2).urgency is Urgency.LOW


def test_a_service_may_record_low_urgency_without_paging(world: World) -> None:
    with transaction():
        db.session.merge(world.cast.checkout).low_urgency = LowUrgency.RECORD
    world.fire(severity=Severity.WARNING)
    world.tick()
    assert world.paged() == []
    assert world.escalation().state is EscalationState.DONE


def test_an_acknowledgement_by_the_source_stops_escalation_and_is_nobodys(world: World) -> None:
    world.fire()
    world.tick()
    assert world.fire(status=Said.ACKNOWLEDGED).outcome is Outcome.ACKNOWLEDGED
    world.forward(minutes=20)
    assert world.paged() == ["Ada"]
    assert world.alert().acknowledged_by_id is None
