"""The review of an incident, and its six questions: routes below /api/v1/postmortems/{id}."""

from app import clock
from app.domain import retrospective as rules
from app.domain.words import Question
from app.learning import agenda, evidence, meeting, retrospective
from app.learning.models import Postmortem, ReviewMeeting
from app.people.models import User
from app.people.rights import Act
from app.web.api.auth import me, need
from app.web.api.find import named
from app.web.api.postmortems import changing, found, postmortems
from app.web.api.problems import not_found
from app.web.api.shapes import reviews as shapes
from app.web.api.shapes.common import IfMatch, Named
from app.web.api.versions import expect_edition, send_edition


@postmortems.get("/<id>/meeting")
@postmortems.output(shapes.Meeting)
def show_review_meeting(id: str) -> shapes.Meeting:
    """When it is, who is asked, what it found; 404 until one is planned. Its `ETag` changes with these."""
    need(Act.SEE_OPERATIONS)
    postmortem = found(id)
    return _shown(postmortem, _of(postmortem))


@postmortems.put("/<id>/meeting")
@postmortems.input(shapes.MeetingDraft, arg_name="draft")
@postmortems.output(shapes.Meeting)
def plan_review_meeting(id: str, draft: shapes.MeetingDraft) -> shapes.Meeting:
    """Plan it, or move it. Everybody who responded is invited by a calendar file."""
    with changing(id) as (postmortem, at):
        made = meeting.plan(
            postmortem, start=draft.start, minutes=draft.minutes, place=draft.place, by=me(), at=at
        )
        return _shown(postmortem, made)


@postmortems.delete("/<id>/meeting")
@postmortems.output(shapes.Meeting)
def cancel_review_meeting(id: str) -> shapes.Meeting:
    """It does not take place; everybody who was invited hears of that."""
    with changing(id) as (postmortem, at):
        meeting.cancel(postmortem, by=me(), at=at)
        return _shown(postmortem, _of(postmortem))


@postmortems.get("/<id>/meeting/proposals")
@postmortems.output(shapes.Proposals)
def propose_review_hours(id: str) -> shapes.Proposals:
    """Hours of the coming week that suit those who responded best: their shifts, time off and zones."""
    need(Act.SEE_OPERATIONS)
    slots = meeting.proposed(meeting.responders(found(id)), at=clock.now())
    return shapes.Proposals(
        items=[shapes.Proposal(start=e.start, end=e.end, against=list(e.against)) for e in slots]
    )


@postmortems.put("/<id>/meeting/minutes")
@postmortems.input(IfMatch, location="headers", arg_name="headers")
@postmortems.input(shapes.Minutes, arg_name="wanted")
@postmortems.output(shapes.Meeting)
def keep_review_minutes(id: str, headers: IfMatch, wanted: shapes.Minutes) -> shapes.Meeting:
    """It was held: this stands in the postmortem. Again, it is corrected. 412 when `If-Match` is outdated."""
    with changing(id) as (postmortem, at):
        now = _of(postmortem)
        expect_edition(now, headers.if_match)
        given = wanted.given()
        came = [each.user_id for each in now.attendees if each.came]
        if "came_ids" in given:
            came = [named(User, one, "person", f"#/came_ids/{n}").id for n, one in enumerate(wanted.came_ids)]
        meeting.hold(
            postmortem, came=came, notes=given.get("notes", now.notes),
            decisions=given.get("decisions", now.decisions), by=me(), at=at,
        )  # fmt: skip
        return _shown(postmortem, now)


@postmortems.get("/<id>/questions")
@postmortems.output(shapes.Questions)
def list_review_questions(id: str) -> shapes.Questions:
    """The six questions in order, each beside its evidence."""
    need(Act.SEE_OPERATIONS)
    return _questions(found(id))


@postmortems.put("/<id>/questions/<question>")
@postmortems.input(shapes.Answer, arg_name="wanted")
@postmortems.output(shapes.Questions)
def answer_review_question(id: str, question: str, wanted: shapes.Answer) -> shapes.Questions:
    """Answer one. 409 says how it reads when somebody else answered since `seen`."""
    with changing(id) as (postmortem, at):
        if question not in list(Question):
            raise not_found("question")
        retrospective.answer(
            postmortem, Question(question), wanted.verdict, wanted.text, seen=wanted.seen, by=me(), at=at
        )
        return _questions(postmortem)


def _of(postmortem: Postmortem) -> ReviewMeeting:
    planned = meeting.of(postmortem)
    if planned is None:
        raise not_found("review")
    return planned


def _shown(postmortem: Postmortem, row: ReviewMeeting) -> shapes.Meeting:
    send_edition(row)
    can_move = row.held_at is None and row.cancelled_at is None
    people = meeting.responders(postmortem) if can_move else []
    return shapes.Meeting(
        state="held" if row.held_at is not None else "planned" if can_move else "cancelled",
        start=row.starts_at, end=row.ends_at, place=row.place, held_at=row.held_at,
        planned_by=Named(id=str(row.planned_by.id), name=row.planned_by.name),
        invited=[
            shapes.Invited(id=str(each.user_id), name=each.user.name, came=each.came) for each in row.attendees
        ],
        agenda=agenda.agenda(postmortem), notes=row.notes, decisions=row.decisions,
        against=list(meeting.against(people, row.starts_at, row.ends_at)) if can_move else [],
    )  # fmt: skip


def _questions(postmortem: Postmortem) -> shapes.Questions:
    said, given = evidence.of(postmortem.incident), retrospective.answers(postmortem)
    return shapes.Questions(
        items=[
            shapes.Asked(
                question=question, title=title, evidence=said[question],
                verdict=None if (answer := given.get(question)) is None else answer.verdict,
                text="" if answer is None else answer.text,
                answered_by=None if answer is None else Named(id=str(answer.by.id), name=answer.by.name),
                answered_at=None if answer is None else answer.at,
            )
            for question, title in rules.QUESTIONS.items()
        ]
    )  # fmt: skip
