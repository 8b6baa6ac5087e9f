"""What Now says, gathered before the template is drawn."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from app import clock
from app.alerts import listing, queries, team_readiness
from app.alerts.models import Alert
from app.alerts.outlook import outlook
from app.domain.completeness import missing
from app.domain.phrase import counted
from app.domain.timeline import Subject
from app.domain.words import AlertStatus
from app.incidents import access
from app.oncall import handoff
from app.oncall.models import Handoff
from app.oncall.proven import proofs
from app.oncall.queries import OwnShift, shifts_of
from app.paging.queries import last_page_of, newest_proof, pages_about
from app.people.models import User
from app.people.queries import teams_of
from app.people.rights import Act, may
from app.web.alert_view import Row, row
from app.web.behind import Behind, behind
from app.web.escalation_clock import EscalationClock, clock_of
from app.web.strip import Strip, strip
from app.web.words import ALERT_LEVEL, ALERT_WORD, ago, day, lasted, moment, plain, weekday_hour


@dataclass(frozen=True)
class PageCard:
    """The most urgent page that waits for an answer."""

    number: int
    run: int
    level: int
    word: str
    title: str
    paged_ago: str
    facts: str
    clock: EscalationClock | None


@dataclass(frozen=True)
class Duty:
    """Whether the viewer has the pager. `until` is None when no end is in sight."""

    on: bool
    schedule: str
    until: datetime | None
    left: timedelta | None
    next: str
    week: Strip | None


@dataclass(frozen=True)
class Proof:
    says: str
    proven: bool


@dataclass(frozen=True)
class NowView:
    page: PageCard | None
    more_pages: int
    duty: Duty
    last_page: str
    working: list[Row]
    team_open: list[Row]
    team_words: str
    proof: Proof
    behind: Behind | None
    lacking: list[tuple[str, str, str]]  # of the teams the viewer manages: name, what is missing, where
    handoffs: list[Handoff]


def now_view(viewer: User) -> NowView:
    waiting = listing.alerts(listing.Filters(needs_me=viewer.id), among=access.alerts_seen_by(viewer))
    mine = shifts_of(viewer, clock.now())
    running = [shift for shift in mine if shift.is_now]
    team_open, team_words = _team_open(viewer, waiting)
    return NowView(
        page=_card(waiting[0], viewer) if waiting else None,
        more_pages=max(len(waiting) - 1, 0),
        duty=_duty(viewer, running, mine),
        last_page=_last_page(viewer),
        working=[row(alert, viewer) for alert in queries.held_by(viewer.id)],
        team_open=team_open,
        team_words=team_words,
        proof=_proof(viewer),
        lacking=_lacking(viewer),
        behind=behind(viewer, running[0].schedule.id) if running else None,
        handoffs=[each for each in handoff.of(viewer, clock.now()) if _matters(each)],
    )


def _lacking(viewer: User) -> list[tuple[str, str, str]]:
    """What the teams still lack that the viewer manages, so that nobody has to go and look for it."""
    mine = [team for team in teams_of(viewer) if may(viewer, Act.MANAGE_TEAM, team_id=team.id)]
    lists = team_readiness.of(mine, at=clock.now()) if mine else {}
    return [
        (f"{team.name}: {len(missing(lists[team.id]))} of its set-up missing", missing(lists[team.id])[0].says,
         f"/teams/{team.id}")
        for team in mine
        if missing(lists[team.id])
    ]  # fmt: skip


def _matters(row: Handoff) -> bool:
    """Ahead, or begun without a word from whoever has it now."""
    return row.at > clock.now() or row.confirmed_at is None


def _card(alert: Alert, viewer: User) -> PageCard:
    asked = next(
        page for page in pages_about(Subject.ALERT, alert.id, run=alert.run) if page.user_id == viewer.id
    )
    events = f"{counted(alert.occurrences, 'event')} since" if alert.occurrences > 1 else "since"
    return PageCard(
        alert.number, alert.run, ALERT_LEVEL[alert.severity], ALERT_WORD[alert.severity], plain(alert.title),
        ago(asked.created_at), f"{plain(alert.service.name)} · {events} {weekday_hour(alert.started_at)}",
        clock_of(alert, outlook(alert)),
    )  # fmt: skip


def _duty(viewer: User, running: Sequence[OwnShift], mine: Sequence[OwnShift]) -> Duty:
    week = strip(viewer, mine)
    if running:
        # the pager is had until the last of the running shifts ends; an endless one has no end to tell
        ends = [shift.end for shift in running]
        until = None if None in ends else max(end for end in ends if end is not None)
        names = ", ".join(plain(shift.schedule.name) for shift in running)
        return Duty(True, names, until, None if until is None else until - clock.now(), "", week)
    if mine:
        return Duty(
            False, "", None, None, f"Next: {moment(mine[0].start)}, {plain(mine[0].schedule.name)}.", week
        )
    return Duty(False, "", None, None, "You are on no schedule in the next 92 days.", None)


def _last_page(viewer: User) -> str:
    page = last_page_of(viewer.id)
    if page is None:
        return "You have not been paged yet."
    acked = [delivery.acked_at for delivery in page.deliveries if delivery.acked_at]
    took = f", acked in {lasted(min(acked) - page.created_at)}" if acked else ""
    return f"Last page {moment(page.created_at)}{took}"


def _team_open(viewer: User, waiting: Sequence[Alert]) -> tuple[list[Row], str]:
    """What nobody has in the viewer's teams, beside what waits for the viewer."""
    teams = teams_of(viewer)
    if not teams:
        return [], ""
    asked = {alert.id for alert in waiting}
    chosen = listing.Filters(
        teams=frozenset(team.id for team in teams), statuses=frozenset({AlertStatus.TRIGGERED})
    )
    found = [
        row(alert, viewer)
        for alert in listing.alerts(chosen, among=access.alerts_seen_by(viewer))
        if alert.id not in asked
    ]
    return found[:6], teams[0].name if len(teams) == 1 else "your teams"


def _proof(viewer: User) -> Proof:
    device = newest_proof(viewer.id)
    if device is None or device.verified_at is None:
        answered = proofs([viewer.id]).get(viewer.id)  # of somebody who is only reached by telephone
        if answered is not None:
            return Proof(f"You answered a drill on {day(answered)}", True)
        return Proof("None of your devices has proved that it rings. Send yourself a test page.", False)
    took = (device.proof or {}).get("shown")
    rang = f"rang in {took} s" if took is not None else "rang"
    return Proof(f"{plain(device.device)} {rang} on {day(device.verified_at)}", True)
