"""What the passing of time asks for. Each job takes `now`, does at most a batch, and says how much it did."""

import logging
from collections.abc import Callable
from datetime import timedelta

import sqlalchemy as sa
from flask import current_app

from app import clock
from app.alerts import acknowledge, behind_schedule, escalate, resolve, set_aside, snooze
from app.alerts.models import RawRequest
from app.database import asked_once, db, is_any, on_sqlite, transaction
from app.engine import auditor, learning, watch
from app.engine.errand import Errand
from app.engine.line import Line
from app.incidents import command, response_rules, status, update, war_room
from app.incidents.slack import Channel, NotMade, Slack
from app.learning import queries as postmortems
from app.notices import listing, mail, news
from app.oncall import (
    calendar_sources,
    drills,
    findings,
    handoff,
    proof,
    record_shifts,
    shift_notices,
    swap_time,
)
from app.oncall.calendar_fetch import fetch
from app.oncall.calendar_in import UnreadableCalendar
from app.paging import health, silence
from app.paging.destinations import send
from app.telling import outside
from app.timeline import once, seal
from app.trends import keep, pages, weekly

log = logging.getLogger(__name__)

RAW_KEPT = timedelta(days=90)
BATCH = 25  # of escalations in one commit: on SQLite intake waits for it


_line = Line()


def take_due_steps() -> int:
    """Every escalation that is due takes its step: a batch in one commit, one by one when a row spoils it."""
    if not is_any(escalate.all_due(clock.now())):
        return 0
    try:
        with transaction(), asked_once():
            now = clock.now()
            due = _line.next(now, limit=BATCH)
            escalate.advance_all(due, at=now)
    except Exception:
        log.exception("a batch of escalations failed; trying its rows one by one")
    else:
        return len(due)
    with transaction():
        due = escalate.due(clock.now(), limit=BATCH)
    return sum(_one(alert_id) for alert_id in due)


def _one(alert_id: int) -> bool:
    try:
        with transaction():
            escalate.advance(alert_id, at=clock.now())
    except Exception as error:
        log.exception("alert %s could not take its step", alert_id)
        with transaction():
            is_given_up = set_aside.postpone(alert_id, error, at=clock.now())
        if is_given_up:
            _to_last_resort(alert_id)
        return False
    return True


def _to_last_resort(alert_id: int) -> None:
    try:
        with transaction():
            set_aside.pass_over(alert_id, at=clock.now())
    except Exception:
        log.exception("alert %s could not be passed to its last resort", alert_id)


def hurry_unreached() -> int:
    """Who shows nothing is asked by their next method at once; where there is none, the next step is due."""
    with transaction():
        silence.note_silent(clock.now())
        silence.hurry_next_methods(clock.now())
        silence.bring_forward(clock.now())
        return escalate.hurry_unreached(clock.now())


def wake_snoozed() -> int:
    """Snoozed alerts come back at their hour, and acknowledged ones whose time to be worked on is over."""
    with transaction():
        return snooze.wake_due(clock.now()) + acknowledge.ask_again_due(clock.now())


def time_out_silent() -> int:
    """Alerts without a word for seven days are over."""
    with transaction():
        return resolve.time_out_silent(clock.now())


def advance_swaps() -> int:
    """Swaps are reminded of, expire, begin and end; one that fails waits, and holds up none of the others."""
    with transaction():
        due = swap_time.due(clock.now(), limit=BATCH)
    return sum(_one_swap(swap_id) for swap_id in due)


def _one_swap(swap_id: int) -> bool:
    try:
        with transaction():
            swap_time.advance(swap_id, at=clock.now())
    except Exception:
        log.exception("swap %s could not move on", swap_id)
        with transaction():
            swap_time.postpone(swap_id, at=clock.now())
        return False
    return True


def close_resolved() -> int:
    """Incidents resolved three days ago close, unless their postmortem is still being written."""
    with transaction():
        return status.close_due(clock.now(), stays=postmortems.unpublished())


def lead_by_acknowledgement() -> int:
    """An incident that a rule made is led by the first to acknowledge any of its alerts."""
    with transaction():
        return command.lead_by_acknowledgement(clock.now())


def run_response_rules() -> int:
    """Each new alert is looked at once by the response rules; one that fails holds up none of the others."""
    with transaction():
        due = response_rules.waiting()
    return sum(_rules_on(alert_id) for alert_id in due)


def _rules_on(alert_id: int) -> int:
    try:
        with transaction():
            response_rules.run(alert_id, at=clock.now())
    except Exception as error:
        with transaction():
            response_rules.set_aside(alert_id, error, at=clock.now())
    return 1


def nag_updates() -> int:
    """Whoever owes an update that is due is reminded, and nobody else."""
    with transaction():
        return update.nag_due(clock.now())


def record_past_shifts() -> int:
    """What has become past goes into the book of who had it."""
    with transaction():
        return record_shifts.record_past(at=clock.now(), wait=False)


def tell_of_shifts() -> int:
    """People are told of their shifts: soon, over, changed, and on Monday the week ahead."""
    with transaction():
        due = shift_notices.due(clock.now())
    told = sum(_shifts_of(schedule_id) for schedule_id in due)
    with transaction():
        return told + shift_notices.tell_week(clock.now())


def _shifts_of(schedule_id: int) -> int:
    try:
        with transaction():
            return shift_notices.tell(schedule_id, at=clock.now(), open_alerts=behind_schedule.open_alerts_on)
    except Exception:
        log.exception("nobody could be told of the shifts of schedule %s", schedule_id)
        return 0


def hand_over() -> int:
    """Handoffs of the coming day are known, and whoever comes on is asked whether they have it."""
    with transaction():
        handoff.foresee(at=clock.now())
    with transaction():
        due = handoff.due(clock.now())
    return sum(_one_handoff(number) for number in due)


def _one_handoff(number: int) -> int:
    try:
        with transaction():
            return handoff.advance(number, at=clock.now(), open_alerts=behind_schedule.open_alerts_on)
    except Exception:
        log.exception("handoff %s could not be asked about", number)
        return 0


def channels_wait() -> int:
    """Whether an incident's channel is to be made now."""
    return int(war_room.waits(clock.now()))


def make_channels() -> int:
    """Slack is asked for the channels that war rooms wait for; what it refuses is told in the incident."""
    with transaction():
        claimed = war_room.claim_due(clock.now())
    slack = Slack.from_settings(current_app.config["settings"])
    for incident_id, name in claimed:
        outcome = slack.make_channel(name) if slack else NotMade("no token of Slack is set", for_good=True)
        with transaction():
            if isinstance(outcome, Channel):
                war_room.made(incident_id, name=outcome.name, address=outcome.address, at=clock.now())
            else:
                war_room.not_made(incident_id, outcome.because, for_good=outcome.for_good, at=clock.now())
    if slack is not None:
        slack.close()
    return len(claimed)


def read_calendars() -> int:
    """Imported calendars whose hour has come are read again; one that cannot be read keeps what it brought."""
    with transaction():
        due = calendar_sources.claim_due(clock.now(), limit=BATCH)
    return sum(_one_calendar(number) for number in due)


def _one_calendar(number: int) -> int:
    try:
        with transaction():
            found = calendar_sources.due_one(number)
        if found is None:
            return 0
        data = fetch(found.address)
        same = found.digest == calendar_sources.digest_of(data, clock.now())
        contents = None if same else calendar_sources.look(found.target, data, at=clock.now())
        with transaction():
            calendar_sources.take(number, contents, at=clock.now())
    except UnreadableCalendar as failed:
        with transaction():
            calendar_sources.note_failure(number, failed, at=clock.now())
    except Exception:
        log.exception("calendar source %s could not be read again", number)
    return 1


def hold_drills() -> int:
    """Drills of the coming day are known, those whose minute has come are sent, those that ran are judged."""
    with transaction():
        drills.foresee(at=clock.now())
    with transaction():
        judged = drills.judge(at=clock.now())
    with transaction():
        return judged + drills.ask_due(at=clock.now())


def check_schedules() -> int:
    """Schedules are proven every day and after each change, one a minute."""
    now = clock.now()
    schedule = findings.next_due(now)
    if schedule is None:
        return 0
    schedule_id, version, found = schedule.id, schedule.version, proof.prove_saved(schedule, at=now)
    with transaction():
        kept = findings.still(schedule_id, version)
        if kept is None:
            return 0
        findings.renew(kept, found, at=now)
    return 1


def forget_raw_requests() -> int:
    """Bodies of requests are kept for 90 days."""
    with transaction():
        old = sa.select(RawRequest.id).where(RawRequest.received_at < clock.now() - RAW_KEPT).limit(500)
        forgotten = sa.delete(RawRequest).where(RawRequest.id.in_(old)).returning(RawRequest.id)
        return len(db.session.scalars(forgotten).all())


def forget_lost_jobs() -> int:
    """What killed workers left in the queue of page numbers goes; the sweep has sent those pages."""
    if on_sqlite():
        return 0
    from app.wakeup import queued  # read here: an engine on SQLite has no queue

    with transaction():
        return queued.forget_lost()


def forget_old_notices() -> int:
    """Notices are kept for 90 days, what became of a mail for 30, names against replay for one."""
    with transaction():
        now = clock.now()
        return (
            listing.forget_old(at=now)
            + mail.forget_old(at=now)
            + shift_notices.forget_old(at=now)
            + once.forget_old(at=now)
            + send.forget_old(at=now)
        )


def tell_of_gone_devices() -> int:
    """Whoever lost a device because its browser no longer listens is told, by what is left."""
    with transaction():
        return news.gone_devices(at=clock.now())


def seal_events() -> int:
    """What people and programs did is sealed into the audit chain."""
    with transaction():
        return seal.seal()


def note_round() -> int:
    """All that was due has been looked at: the proof that screens show. It is no work, so it counts as 0."""
    health.note_round(clock.now())
    return 0


def audit() -> int:
    """The auditor compares what is with what was promised, and mends what is safe to mend."""
    return len(auditor.audit(at=clock.now()))


def keep_trends() -> int:
    """The days that Trends reads are brought up to now."""
    return keep.renew(clock.now())


def keep_pages() -> int:
    """The pages of Trends that people look at are made again where their days have changed, and once a day
    those that a first look would ask for.
    """
    now = clock.now()
    return int(bool(pages.due(now) or pages.ahead(now)) and _pages.start())


def make_asked() -> int:
    """A page of Trends that somebody waits for is worked out."""
    return int(pages.is_asked(clock.now()) and _pages.start())


def render_weekly() -> int:
    """On Monday the notebooks that somebody wants are rendered, and their links mailed."""
    return int(bool(weekly.due(clock.now())) and _weekly.start())


_pages, _weekly = Errand("trends"), Errand("weekly")


def tell_outside() -> int:
    """Rooms and programs outside are told what happened; who keeps one that takes nothing any more, too."""
    with transaction():
        return outside.tell(clock.now()) + outside.tell_of_disabled(clock.now())


Job = Callable[[], int]
EVERY_ROUND: tuple[Job, ...] = (take_due_steps,)
EVERY_SECOND: tuple[Job, ...] = (
    wake_snoozed,
    hurry_unreached,
    advance_swaps,
    run_response_rules,
    lead_by_acknowledgement,
    learning.open_postmortems,
    make_asked,
    note_round,
)
EVERY_MINUTE: tuple[Job, ...] = (
    watch.hear_silence, seal_events,
    record_past_shifts, time_out_silent, close_resolved, nag_updates, forget_raw_requests, forget_old_notices,
    forget_lost_jobs, learning.remind_of_actions, learning.remind_of_reviews,
    tell_of_gone_devices,
)  # fmt: skip
BESIDE: tuple[Job, ...] = (
    tell_of_shifts,
    learning.tell_of_the_week,
    hand_over,
    hold_drills,
    check_schedules,
    read_calendars,
    keep_trends,
)  # every minute, too, but long: no page waits for it
ERRANDS: tuple[Job, ...] = (
    keep_pages,
    render_weekly,
    learning.run_review_notebooks,
)  # as BESIDE, but not in an engine's first minute: one that was started again has pages to send first
