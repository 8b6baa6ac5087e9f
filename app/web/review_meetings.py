"""The review of an incident: when, who is asked, the agenda, the six questions, what was said and decided."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, current_app, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app import clock
from app.database import transaction
from app.domain import meeting as hours
from app.domain import retrospective as rules
from app.domain.invalid import InvalidField
from app.domain.lifecycle import InvalidTransition
from app.domain.words import Question, Verdict
from app.learning import agenda, meeting, queries, retrospective
from app.learning.models import Postmortem, ReviewMeeting
from app.notices import mail
from app.people.models import User
from app.people.rights import Act
from app.web.access import needs, viewer
from app.web.errors import NotFound
from app.web.form import as_number, problems_of, typed_moment
from app.web.incident_edge import text
from app.web.incident_view import local
from app.web.markdown import markdown
from app.web.postmortems import found, locked
from app.web.redirects import see
from app.web.review_view import asked, in_words
from app.web.toast import toast
from app.web.words import hour, moment, plain, zone_named, zone_word

blueprint = Blueprint("review_meetings", __name__)


@dataclass(frozen=True)
class Hours:
    """An hour that is proposed: what a form sends, what people read, and what is against it."""

    value: str
    says: str
    elsewhere: str
    against: str


@blueprint.get("/postmortems/<int:number>/meeting")
@needs(Act.SEE_OPERATIONS)
def show(number: int) -> str:
    return _page(found(number))


@blueprint.post("/postmortems/<int:number>/meeting")
@needs(Act.SEE_OPERATIONS)
def plan(number: int) -> ResponseReturnValue:
    """Everybody who responded is invited; planned again, it moves."""
    start = typed_moment(request.form.get("start"))
    try:
        if start is None:
            raise InvalidField([("/start", "Give a day and an hour.")])
        with transaction():
            postmortem = locked(number)
            meeting.plan(
                postmortem, start=start, minutes=request.form.get("minutes", 45, type=as_number), by=viewer(),
                place=text("place", meeting.LONGEST_PLACE), at=clock.now(),
            )  # fmt: skip
    except InvalidField as invalid:
        return _page(found(number), problems_of(invalid)), 422
    return _done(number, "Everybody who responded is invited.")


@blueprint.post("/postmortems/<int:number>/meeting/cancellation")
@needs(Act.SEE_OPERATIONS)
def cancel(number: int) -> ResponseReturnValue:
    with transaction():
        meeting.cancel(locked(number), by=viewer(), at=clock.now())
    return _done(number, "Cancelled. Everybody who was invited is told.")


@blueprint.post("/postmortems/<int:number>/meeting/minutes")
@needs(Act.SEE_OPERATIONS)
def hold(number: int) -> ResponseReturnValue:
    """Who came, what was said, what was decided; what somebody else wrote meanwhile is shown (409)."""
    try:
        with transaction():
            postmortem = locked(number)
            now = meeting.of(postmortem)
            if now is not None and request.form.get("seen", now.edition) != now.edition:
                return _page(postmortem, is_stale=True), 409
            meeting.hold(
                postmortem, came=request.form.getlist("came", type=as_number),
                notes=request.form.get("notes", ""),
                decisions=request.form.get("decisions", ""), by=viewer(), at=clock.now(),
            )  # fmt: skip
    except InvalidField as invalid:
        return _page(found(number), problems_of(invalid)), 422
    return _done(number, "Kept. It stands in the postmortem.")


@blueprint.post("/postmortems/<int:number>/questions/<question>")
@needs(Act.SEE_OPERATIONS)
def answer(number: int, question: str) -> ResponseReturnValue:
    if question not in list(Question):
        raise NotFound
    verdict, seen = request.form.get("verdict", ""), request.form.get("seen", "")
    if verdict not in list(Verdict):
        raise InvalidTransition("Say yes, partly or no.")
    with transaction():
        retrospective.answer(
            locked(number), Question(question), Verdict(verdict), text("text", rules.LONGEST),
            seen=typed_moment(seen), by=viewer(), at=clock.now(),
        )  # fmt: skip
    toast("Answered.")
    return see(url_for(".show", number=number, _anchor=question))


@blueprint.get("/postmortems/<int:number>/meeting.ics")
@needs(Act.SEE_OPERATIONS)
def calendar_file(number: int) -> ResponseReturnValue:
    """The invitation for whoever got none by mail."""
    postmortem = found(number)
    planned = meeting.of(postmortem)
    if planned is None:
        raise NotFound
    answer = current_app.response_class(agenda.invitation(postmortem, planned), mimetype="text/calendar")
    answer.headers["Content-Disposition"] = f'attachment; filename="review-INC-{number}.ics"'
    return answer


def _page(postmortem: Postmortem, problems: dict[str, str] | None = None, *, is_stale: bool = False) -> str:
    planned, people, at = meeting.of(postmortem), meeting.responders(postmortem), clock.now()
    may_plan = queries.rights_of(viewer(), postmortem).writes
    is_on = planned is not None and planned.cancelled_at is None
    fields = {"start": "", "place": "", "notes": "", "decisions": ""}
    if planned is not None:
        fields = {"start": local(planned.starts_at), "place": planned.place}
        fields |= {"notes": planned.notes, "decisions": planned.decisions}
    fields["minutes"] = str(int(hours.LENGTH.total_seconds() // 60))
    if problems or is_stale:
        fields |= {name: request.form[name] for name in fields if name in request.form}
    wants_hours = may_plan and (planned is None or planned.held_at is None)
    return render_template(
        "reviews/show.html", number=postmortem.id, title=plain(postmortem.incident.title), planned=planned,
        is_on=is_on, stands=in_words(planned), may_plan=may_plan, fields=fields, problems=problems or {},
        is_stale=is_stale, seen="" if planned is None else planned.edition,
        agenda=[plain(each) for each in agenda.agenda(postmortem)], questions=asked(postmortem),
        proposals=_proposed(people, at) if wants_hours else [],
        against=_against(planned, people) if planned is not None and is_on else [],
        invited=[] if planned is None else [(e.user_id, plain(e.user.name), e.came) for e in planned.attendees],
        would=[plain(each.name) for each in people], mail_works=mail.works(), verdicts=rules.VERDICTS,
        notes=markdown(planned.notes if planned else ""),
        decisions=markdown(planned.decisions if planned else ""),
    )  # fmt: skip


def _against(planned: ReviewMeeting, people: Sequence[User]) -> list[str]:
    """Why the hour that was chosen is not good for somebody, while it can still be moved."""
    if planned.held_at is not None:
        return []
    return [plain(each) for each in meeting.against(people, planned.starts_at, planned.ends_at)]


def _proposed(people: Sequence[User], at: datetime) -> list[Hours]:
    return [
        Hours(
            local(slot.start),
            f"{moment(slot.start)} to {hour(slot.end)}",
            _elsewhere(people, slot.start),
            "; ".join(plain(each) for each in slot.against),
        )
        for slot in meeting.proposed(people, at=at)
    ]


def _elsewhere(people: Sequence[User], at: datetime) -> str:
    """The hour on every other clock: "09:30 GMT, 10:30 CET"."""
    zones = {zone_named(each.time_zone).key: zone_named(each.time_zone) for each in people}
    told = {
        f"{hour(at, zone)} {zone_word(at, zone)}": at.astimezone(zone).utcoffset() for zone in zones.values()
    }
    return ", ".join(sorted(told)) if len(told) > 1 else ""


def _done(number: int, says: str) -> ResponseReturnValue:
    toast(says)
    return see(url_for("review_meetings.show", number=number))
