"""A review: whoever responded is invited, who came is kept, what was found stands in the postmortem."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from icalendar import Calendar

from app.database import db, transaction
from app.domain.invalid import InvalidField
from app.domain.lifecycle import InvalidTransition
from app.domain.words import Question, Verdict
from app.incidents import status
from app.learning import agenda, evidence, meeting, queries, retrospective
from app.leaving.duties import duties_of
from app.leaving.hand_over import leave
from app.notices.models import Mail, Notice
from tests.learning.conftest import incident, the, who
from tests.support.world import World


def plan(world: World, *, days: int = 2, place: str = "Room 4") -> None:
    with transaction():
        start = world.now + timedelta(days=days)
        meeting.plan(the(), start=start, minutes=45, place=place, by=who(world.cast.ada), at=world.now)


def told(world: World, name: str) -> list[str]:
    rows = sa.select(Notice.title).where(
        Notice.user_id == getattr(world.cast, name).id, Notice.event == "review_planned"
    )
    return list(db.session.scalars(rows.order_by(Notice.id)))


def test_S56_S62_everybody_who_responded_is_invited_moved_and_cancelled_by_one_calendar_entry(
    opened: World,
) -> None:
    with transaction():
        incident().alerts[0].acknowledged_by = who(opened.cast.ben)
    assert [each.name for each in meeting.responders(the())] == ["Ada", "Ben"]
    plan(opened)
    plan(opened)  # the same again tells nobody
    assert (len(told(opened, "ada")), len(told(opened, "ben")), told(opened, "cleo")) == (1, 1, [])
    planned = meeting.of(the())
    assert planned is not None
    entry = Calendar.from_ical(agenda.invitation(the(), planned, who(opened.cast.ben))).walk("VEVENT")[0]
    assert entry["attendee"] == f"mailto:{opened.cast.ben.email}"
    assert (entry.start, entry["sequence"], entry["location"]) == (planned.starts_at, 0, "Room 4")
    assert "1. What happened: the chronology" in entry["description"]
    plan(opened, days=3)
    assert told(opened, "ben")[-1].startswith("Review moved")
    with transaction():
        meeting.cancel(the(), by=who(opened.cast.ada), at=opened.now)
    planned = meeting.of(the())
    assert planned is not None
    file = Calendar.from_ical(agenda.invitation(the(), planned))
    assert (file["method"], file.walk("VEVENT")[0]["sequence"]) == ("CANCEL", 2)
    assert told(opened, "ben")[-1].startswith("Review cancelled")
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Mail)) == 0  # no mail server, nothing lost


def test_S56_an_hour_before_everybody_is_reminded_once_and_of_a_reopened_incident(opened: World) -> None:
    plan(opened, days=1)
    with transaction():
        status.reopen(incident(), by=who(opened.cast.ada), at=opened.now)
    planned = meeting.of(the())
    assert planned is not None
    assert planned.cancelled_at is None  # it stays planned, with all that was invited
    starts_at = planned.starts_at
    for before in (61, 60, 59, 1):
        opened.clock.moment = starts_at - timedelta(minutes=before)
        with transaction():
            meeting.remind_due(opened.now)
        assert len(told(opened, "ada")) == (1 if before > 60 else 2), before
    assert told(opened, "ada")[-1].startswith("Review soon")
    body = db.session.scalars(sa.select(Notice.body).order_by(Notice.id.desc())).first()
    assert body is not None
    assert "It was reopened and goes on: move the review, or hold it." in body


def test_who_has_left_is_asked_to_no_review_to_come(opened: World) -> None:
    with transaction():
        incident().alerts[0].acknowledged_by = who(opened.cast.ben)
    plan(opened)
    with transaction():
        ben = who(opened.cast.ben)
        leave(ben, dict.fromkeys((duty.key for duty in duties_of(ben, at=opened.now)), opened.cast.ada.id),
              by=who(opened.cast.root), at=opened.now)  # fmt: skip
    planned = meeting.of(the())
    assert planned is not None
    assert [each.user.name for each in planned.attendees] == ["Ada"]
    opened.clock.moment = planned.starts_at - timedelta(minutes=30)
    with transaction():
        assert meeting.remind_due(opened.now) == 1


def test_S62_hours_are_proposed_from_shifts_time_off_and_zones(opened: World) -> None:
    found = meeting.proposed(meeting.responders(the()), at=opened.now)
    assert len(found) == 3
    assert all(slot.start > opened.now for slot in found)
    with pytest.raises(InvalidField) as refused:
        plan(opened, days=-1)
    assert refused.value.errors[0][0] == "/start"


def test_S56_S63_who_came_and_what_was_said_is_kept_and_corrected_and_then_not_moved(opened: World) -> None:
    with pytest.raises(InvalidTransition, match="No review is planned"), transaction():
        meeting.hold(the(), came=[], notes="", decisions="", by=who(opened.cast.ada), at=opened.now)
    plan(opened)
    came = [opened.cast.ada.id, opened.cast.cleo.id]  # Cleo came without being asked
    with transaction():
        meeting.hold(
            the(),
            came=came,
            notes="It was the unit.",
            decisions="- Test units",
            by=who(opened.cast.ada),
            at=opened.now,
        )
    planned = meeting.of(the())
    assert planned is not None
    assert {each.user.name for each in planned.attendees if each.came} == {"Ada", "Cleo"}
    assert (planned.notes, planned.decisions) == ("It was the unit.", "- Test units")
    with pytest.raises(InvalidTransition, match="was held"):
        plan(opened, days=5)


def test_S60_the_agenda_is_made_from_the_timeline(opened: World) -> None:
    lines = agenda.agenda(the())
    assert lines[0].startswith(f"What happened: the chronology, {len(queries.entries(the()))} entries")
    assert "contained 58 min after detection, resolved 1 h 4 min after detection" in lines[1]
    assert "What caused it, What will stop it" in lines[2]


def test_S69_to_S74_each_question_has_its_evidence_beside_it(opened: World) -> None:
    said = evidence.of(incident())
    assert set(said) == set(Question)
    assert "Resolved 1 h 4 min after it was detected." in said[Question.SPEED]
    assert said[Question.PEOPLE][0].startswith("1 page to 1 person:")
    assert said[Question.ALERTS][0].startswith("1 alert in the incident")
    assert said[Question.THRESHOLDS]
    assert said[Question.INSTRUMENTATION][0] == "An alert told of it first."
    assert said[Question.COMMUNICATION] == ["No update was sent."]
    db.session.rollback()


def test_S69_S75_answers_are_kept_not_written_over_unseen_and_counted_when_published(opened: World) -> None:
    first = retrospective_answer(opened, "ada", Verdict.PARTLY, "Late to declare.", seen=None)
    with pytest.raises(retrospective.Changed, match="Ada answered this meanwhile: Partly"):
        retrospective_answer(opened, "ben", Verdict.NO, "No.", seen=None)
    opened.clock.moment += timedelta(minutes=1)
    retrospective_answer(opened, "ben", Verdict.NO, "No.", seen=first)
    since = opened.now - timedelta(days=7)
    assert retrospective.counted(who(opened.cast.ada), since=since)[Question.SPEED][Verdict.NO] == 0
    with transaction():
        the().state = "published"  # type: ignore[assignment]
    assert retrospective.counted(who(opened.cast.ada), since=since)[Question.SPEED][Verdict.NO] == 1


def retrospective_answer(world: World, name: str, verdict: Verdict, text: str, *, seen: object) -> object:
    with transaction():
        by = who(getattr(world.cast, name))
        return retrospective.answer(
            the(), Question.SPEED, verdict, text, seen=seen, by=by, at=world.now,  # type: ignore[arg-type]
        ).at  # fmt: skip
