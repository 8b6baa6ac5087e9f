"""/api/v1/schedules: who covers when, as layers of rotations, and the shifts that come of it."""

from datetime import datetime, timedelta

import sqlalchemy as sa
from flask.typing import ResponseReturnValue

from app import clock
from app.database import db, transaction
from app.domain.claims import requirements_to_json
from app.domain.interval import to_the_minute
from app.domain.layers import layers_to_json
from app.domain.templates import SUN, Sets, dealt, own_places, templates
from app.domain.zone import named as zone_named
from app.oncall import preview as previews
from app.oncall import proof, queries, remove
from app.oncall import schedules as verbs
from app.oncall.models import Schedule
from app.people.models import User
from app.people.rights import Act
from app.web import serialize
from app.web.api.auth import me, need
from app.web.api.find import found, numbers
from app.web.api.findings_shown import findings, preview
from app.web.api.listing import each, identity, listing
from app.web.api.noun import noun
from app.web.api.problems import unprocessable
from app.web.api.shapes import oncall as shapes
from app.web.api.shapes.common import IfMatch, Listing
from app.web.api.shapes.findings import Findings, Preview
from app.web.api.versions import expected_version, send_etag
from app.web.words import zone_named as known_zone

schedules = noun("schedules", "Who covers when: layers of rotations in one time zone.")

USUAL_SPAN, LONGEST_SPAN = timedelta(days=14), timedelta(days=400)


@schedules.get("")
@schedules.input(shapes.ScheduleQuery, location="query", arg_name="query")
@schedules.output(Listing[shapes.Schedule])
def list_schedules(query: shapes.ScheduleQuery) -> Listing[shapes.Schedule]:
    """List schedules."""
    need(Act.SEE_OPERATIONS)
    select = sa.select(Schedule)
    if query.name:
        select = select.where(Schedule.name.in_(query.name))
    if query.team_id:
        select = select.where(Schedule.team_id.in_(numbers(query.team_id)))
    return listing(select, query, each(serialize.schedule), by=[Schedule.id])


@schedules.post("")
@schedules.input(shapes.ScheduleDraft, arg_name="draft")
@schedules.output(shapes.Schedule, 201)
def create_schedule(draft: shapes.ScheduleDraft) -> shapes.Schedule:
    """Make a schedule."""
    with transaction():
        team_id = identity(draft.team_id)
        need(Act.EDIT_ON_CALL, team_id=team_id)
        schedule = verbs.create(
            name=draft.name, team_id=team_id, time_zone=draft.time_zone, layers=_sent(draft, "layers", []),
            requirements=_sent(draft, "requirements", None), temporary=_sent(draft, "temporary", []),
            override_reason=draft.override_reason, by=me(), at=clock.now(),
        )  # fmt: skip
        send_etag(schedule)
        return serialize.schedule(schedule)


@schedules.get("/templates")
@schedules.input(shapes.TemplateQuery, location="query", arg_name="query")
@schedules.output(shapes.Templates)
def list_templates(query: shapes.TemplateQuery) -> shapes.Templates:
    """List layers for the usual ways to share on-call, to start a draft from."""
    need(Act.SEE_OPERATIONS)
    if query.start is not None and query.start.tzinfo is not None:
        raise unprocessable("?start", "A time by the clock, without Z or offset.")
    start = query.start or _next_monday()
    people = tuple((each,) for each in numbers(query.user_id))
    if len(query.zone) > len(SUN) * 4:
        raise unprocessable("?zone", f"At most {len(SUN) * 4}.")
    start = start.replace(second=0, microsecond=0)
    places = dealt(people, query.zone) or own_places(people, _homes(people), start) or dealt(people, SUN)
    return shapes.Templates(
        items=[
            shapes.Template(
                key=each.key, title=each.title, sentence=each.sentence,
                layers=[shapes.Layer.model_validate(layer) for layer in layers_to_json(each.layers)],
                requirements=shapes.Requirements.model_validate(requirements_to_json(each.requirements)),
            )
            for each in templates(people, start, places)
        ],
        next_cursor=None,
    )  # fmt: skip


def _homes(people: Sets) -> dict[int, str]:
    """The zone each lives in; UTC for whoever is not here."""
    named = [user_id for turn in people for user_id in turn]
    rows = db.session.execute(sa.select(User.id, User.time_zone).where(User.id.in_(named)))
    return dict.fromkeys(named, "UTC") | {user_id: known_zone(name).key for user_id, name in rows}


def _next_monday() -> datetime:
    now = clock.now()
    monday = now + timedelta(days=7 - now.weekday())
    return monday.replace(hour=9, minute=0, second=0, microsecond=0, tzinfo=None)


@schedules.get("/<id>")
@schedules.output(shapes.Schedule)
def show_schedule(id: str) -> shapes.Schedule:
    """Show a schedule. Its `ETag` is for `If-Match`."""
    need(Act.SEE_OPERATIONS)
    schedule = found(Schedule, id, "schedule")
    send_etag(schedule)
    return serialize.schedule(schedule)


@schedules.put("/<id>")
@schedules.input(IfMatch, location="headers", arg_name="headers")
@schedules.input(shapes.ScheduleEdit, arg_name="draft")
@schedules.output(shapes.Schedule)
def replace_schedule(id: str, headers: IfMatch, draft: shapes.ScheduleEdit) -> shapes.Schedule:
    """Put another schedule in its place. What has happened stays as it was."""
    with transaction():
        schedule = found(Schedule, id, "schedule")
        need(Act.EDIT_ON_CALL, team_id=schedule.team_id)
        need(Act.EDIT_ON_CALL, team_id=identity(draft.team_id))
        verbs.replace(
            schedule, version=expected_version(schedule, headers.if_match), name=draft.name,
            team_id=identity(draft.team_id), time_zone=draft.time_zone, layers=_sent(draft, "layers", []),
            requirements=_sent(draft, "requirements", None), temporary=_sent(draft, "temporary", None),
            override_reason=draft.override_reason,
            swaps={identity(swap_id): fate for swap_id, fate in draft.swaps.items()}, by=me(), at=clock.now(),
        )  # fmt: skip
        send_etag(schedule)
        return serialize.schedule(schedule)


@schedules.delete("/<id>")
@schedules.output({}, 204)
def delete_schedule(id: str) -> ResponseReturnValue:
    """Delete a schedule with its overrides. One that a policy asks is refused with 409."""
    with transaction():
        schedule = found(Schedule, id, "schedule")
        need(Act.EDIT_ON_CALL, team_id=schedule.team_id)
        remove.remove_schedule(schedule, by=me(), at=clock.now())
    return "", 204


@schedules.get("/<id>/shifts")
@schedules.input(shapes.SpanQuery, location="query", arg_name="query")
@schedules.output(shapes.Shifts)
def list_shifts(id: str, query: shapes.SpanQuery) -> shapes.Shifts:
    """Who covers when, and the gaps in which nobody does."""
    need(Act.SEE_OPERATIONS)
    schedule = found(Schedule, id, "schedule")
    start = query.from_ or clock.now().replace(second=0, microsecond=0)
    end = query.to or start + USUAL_SPAN
    if not start < end <= start + LONGEST_SPAN:
        raise unprocessable("?to", f"A moment after `from`, at most {LONGEST_SPAN.days} days.")
    held, gaps = queries.shifts(schedule.id, start, end)
    return shapes.Shifts(
        items=[serialize.shift(each) for each in held],
        gaps=[shapes.Span(start=gap.start, end=gap.end) for gap in gaps],
        next_cursor=None,
    )


@schedules.get("/<id>/check")
@schedules.output(Findings)
def check_saved_schedule(id: str) -> Findings:
    """Prove the schedule as it is over the next 800 days, or name the hours in which it fails."""
    need(Act.SEE_OPERATIONS)
    schedule = found(Schedule, id, "schedule")
    now = to_the_minute(clock.now())
    return findings(proof.prove_saved(schedule, at=now), now, zone_named(schedule.time_zone))


@schedules.post("/<id>/check")
@schedules.input(shapes.ScheduleDraft, arg_name="draft")
@schedules.output(Findings)
def check_schedule(id: str, draft: shapes.ScheduleDraft) -> Findings:
    """Prove a draft in the place of a schedule, with its overrides and swaps, without saving it."""
    schedule = found(Schedule, id, "schedule")
    need(Act.EDIT_ON_CALL, team_id=schedule.team_id)
    return _checked(draft, schedule)


@schedules.post("/check")
@schedules.input(shapes.ScheduleDraft, arg_name="draft")
@schedules.output(Findings)
def check_new_schedule(draft: shapes.ScheduleDraft) -> Findings:
    """Prove a draft of a new schedule without saving it."""
    need(Act.EDIT_ON_CALL, team_id=identity(draft.team_id))
    return _checked(draft, None)


@schedules.post("/<id>/preview")
@schedules.input(shapes.ScheduleDraft, arg_name="draft")
@schedules.output(Preview)
def preview_schedule(id: str, draft: shapes.ScheduleDraft) -> Preview:
    """What a draft would change in the next 90 days: who, when, how much, which swaps; nothing is saved."""
    schedule = found(Schedule, id, "schedule")
    need(Act.EDIT_ON_CALL, team_id=schedule.team_id)
    return preview(previews.preview(schedule, _read(draft, schedule), at=clock.now()))


def _checked(draft: shapes.ScheduleDraft, replaced: Schedule | None) -> Findings:
    now = to_the_minute(clock.now())
    read = _read(draft, replaced)
    if replaced is not None:
        read = proof.in_place_of(replaced, read, at=now)
    return findings(proof.prove_draft(read, replaced, at=now), now, zone_named(draft.time_zone))


def _read(draft: shapes.ScheduleDraft, replaced: Schedule | None) -> proof.Draft:
    asked = _sent(draft, "requirements", replaced.requirements if replaced else None)
    planned = _sent(draft, "temporary", replaced.temporary if replaced else [])
    layers = _sent(draft, "layers", [])
    return proof.read_draft(draft.name, identity(draft.team_id), draft.time_zone, layers, asked, planned)


def _sent(draft: shapes.ScheduleDraft, name: str, otherwise: object) -> object:
    """A part as it was sent, for the one parser of it."""
    return draft.model_dump(mode="json", exclude_unset=True).get(name, otherwise)
