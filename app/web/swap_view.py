"""What the pages of swaps say, gathered before a template is drawn."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from app import clock
from app.database import db
from app.domain import zone
from app.domain.candidates import Candidate
from app.domain.fairness import weigh
from app.domain.interval import Interval, to_the_minute
from app.domain.swap import EFFECTIVE, IN_WORDS, PENDING, closes_at, may_undo
from app.domain.swap_words import both_zones, length_words, listed, weight_words
from app.domain.timeline import Subject
from app.domain.words import OfferState, SwapMode, SwapState
from app.oncall import fairness
from app.oncall.models import Schedule, Swap
from app.oncall.queries import shifts_of
from app.oncall.swap_access import seen_by
from app.oncall.swap_answer import stands_against
from app.oncall.swap_candidates import Candidates, balances_of, candidates, returns_of
from app.oncall.swap_effect import whole_roster
from app.oncall.swap_people import managers_of, on_roster, roster_for, rules_of
from app.oncall.swap_state import agreed, agreed_in_return, span
from app.people.models import User
from app.people.rights import Act, may
from app.timeline.queries import events_about
from app.web.words import day, hour, moment, place, plain, viewer_zone, zone_named

MOST_DAYS = 8  # days of a shift offered as one tap each
TICKED = 2  # how many of the fairest are asked unless somebody ticks otherwise
SHORT = {SwapState.OPEN: "Open", SwapState.ACCEPTED: "Waits for approval"}
DID = {
    "asked": "asked", "accepted": "accepted", "declined": "cannot", "offered": "offered a part",
    "withdrawn": "withdrew an offer", "approved": "approved", "rejected": "did not approve",
    "exempted": "made an exception", "objected": "objected", "undone": "gave it back",
    "handed_on": "handed it on", "taken_over": "took over", "cancelled": "cancelled", "expired": "Expired",
    "reminded": "Reminder sent", "began": "Began", "finished": "Ended", "changed": "changed the hours",
}  # fmt: skip


@dataclass(frozen=True)
class Chip:
    """Part of a shift that one tap chooses."""

    word: str
    start: str
    end: str
    chosen: bool


@dataclass(frozen=True)
class CandidateRow:
    person: User
    facts: str
    balance: str
    reason: str
    mark: str
    mood: str
    can: bool
    ticked: bool
    before: float  # of a hundred, as the bar is drawn
    added: float
    median: float


@dataclass(frozen=True)
class Return:
    """Hours that somebody could give in return. `value` is what the form sends: whose, from when, to when."""

    value: str
    name: str
    when: str
    facts: str
    chosen: bool


@dataclass(frozen=True)
class AskView:
    owner: User
    schedule: Schedule
    start: datetime
    end: datetime
    when: str
    facts: str
    chips: list[Chip]
    rows: list[CandidateRow]
    returns: list[Return]
    names: str
    stays: str
    from_typed: str
    to_typed: str


@dataclass(frozen=True)
class Card:
    """A swap as a card: who gives what to whom, in both zones, with what it weighs."""

    swap: Swap
    title: str
    when: str
    facts: str
    state: str
    mood: str


@dataclass(frozen=True)
class Step:
    sentence: str
    at: datetime


@dataclass(frozen=True)
class OfferLine:
    """A part that somebody would take, and what the viewer may do with it."""

    id: int
    person: User
    when: str
    note: str
    may_take: bool
    may_withdraw: bool


@dataclass(frozen=True)
class SwapView:
    card: Card
    steps: list[Step]
    offers: list[OfferLine]
    against: list[str]  # what an approval needs a reason for
    effect: list[str]  # what an approval does to the two balances
    refused: list[tuple[int, str, str]]  # whom the checks refuse, by id and name, and why; for an exception
    may_offer: bool
    from_typed: str
    to_typed: str
    in_return: str
    closes: str
    may_accept: bool
    may_approve: bool
    may_undo: bool
    may_release: bool
    may_cancel: bool
    may_object: bool


def own_shift(owner: User, schedule_id: int | None) -> tuple[Schedule, Interval] | None:
    """The owner's running or next shift, from now on; on this schedule where one is named."""
    now = to_the_minute(clock.now())
    for shift in shifts_of(owner, clock.now()):
        if schedule_id in (None, shift.schedule.id):
            start = _next_quarter(now) if shift.is_now else shift.start
            end = shift.end or start + timedelta(days=7)
            if start < end:
                return shift.schedule, Interval(start, end)
    return None


def _next_quarter(minute: datetime) -> datetime:
    """A running turn is given away from the next full quarter of an hour on: people have to answer first."""
    return minute + timedelta(minutes=15 - minute.minute % 15)


def ask_view(
    owner: User,
    schedule: Schedule,
    whole: Interval,
    wanted: Interval,
    ticked: Sequence[int] | None = None,
    chosen: str = "",
) -> AskView:
    """Step one and two of asking: which hours of `owner`, who could take them, and for what in return."""
    found = candidates(schedule, owner, wanted, at=clock.now())
    tz = zone_named(schedule.time_zone)
    assert isinstance(tz, ZoneInfo)
    rows = _rows(found, wanted, ticked)
    names = [plain(row.person.name).partition(" ")[0] for row in rows if row.ticked]
    approves = rules_of(schedule.id).needs_approval
    who = f" and {plain(managers_of(schedule)[0].name)} approves" if approves and managers_of(schedule) else ""
    mine, weights = viewer_zone(), fairness.rules_of(schedule.id)
    return AskView(
        owner, schedule, wanted.start, wanted.end, both_zones(wanted, tz, mine),
        f"{plain(schedule.name)} · {length_words(wanted, tz)}, {weight_words(found.hours, tz, weights)}",
        _chips(whole, wanted, tz), rows,
        _returns(schedule, wanted, rows, tz, chosen), listed(names) if names else "everyone",
        f"until someone accepts{who}. First yes wins.",
        wanted.start.astimezone(mine).strftime("%Y-%m-%dT%H:%M"),
        wanted.end.astimezone(mine).strftime("%Y-%m-%dT%H:%M"),
    )  # fmt: skip


def card(swap: Swap) -> Card:
    tz = zone_named(swap.schedule.time_zone)
    assert isinstance(tz, ZoneInfo)
    weighs = weight_words(agreed(swap), tz, fairness.rules_of(swap.schedule_id))
    taker = plain(swap.taker.name) if swap.taker else "whoever accepts"
    if swap.state is SwapState.OPEN and len(swap.asked) == 1:
        taker = plain(db.session.get_one(User, int(swap.asked[0])).name)
    mood = "ok" if swap.state in EFFECTIVE else "warn" if swap.state in PENDING else ""
    return Card(
        swap, f"{plain(swap.owner.name)} → {taker}", both_zones(span(swap), tz, viewer_zone()),
        f"{plain(swap.schedule.name)} · {length_words(span(swap), tz)}, {weighs}",
        SHORT.get(swap.state, IN_WORDS[swap.state].capitalize()), mood,
    )  # fmt: skip


def swap_view(swap: Swap, viewer: User) -> SwapView:
    now, is_owner, is_taker = clock.now(), swap.owner_id == viewer.id, swap.taker_id == viewer.id
    team_id = swap.schedule.team_id
    arranges = may(viewer, Act.COVER_OTHERS, team_id=team_id)
    undo = is_taker and swap.accepted_at is not None and may_undo(swap.accepted_at, now)
    undo = undo and swap.state in (SwapState.ACCEPTED, *EFFECTIVE)
    tz = zone_named(swap.schedule.time_zone)
    assert isinstance(tz, ZoneInfo)
    mine = viewer_zone()
    back = [both_zones(each, tz, mine) for each in agreed_in_return(swap)]
    may_accept = (
        swap.state is SwapState.OPEN and not is_owner and now < closes_at(span(swap))
        and _is_asked(swap, viewer)
    )  # fmt: skip
    may_approve = swap.state is SwapState.ACCEPTED and may(viewer, Act.APPROVE_COVER, team_id=team_id)
    owns = is_owner or swap.requester_id == viewer.id or arranges
    against = stands_against(swap, whole_roster(swap), now) if may_approve else ()
    return SwapView(
        card(swap), _steps(swap), _offers(swap, viewer, tz, owns), [each.says for each in against],
        _effect(swap, tz) if may_approve else [], _refused(swap, viewer),
        may_accept and swap.mode is not SwapMode.EXCHANGE,
        swap.start.astimezone(mine).strftime("%Y-%m-%dT%H:%M"),
        swap.end.astimezone(mine).strftime("%Y-%m-%dT%H:%M"),
        listed(back) if back else "", moment(swap.start) if swap.state in PENDING else "",
        may_accept, may_approve, undo, is_taker and not undo and swap.state in (SwapState.ACCEPTED, *EFFECTIVE),
        swap.state in (*PENDING, *EFFECTIVE)
        and (arranges or ((is_owner or swap.requester_id == viewer.id) and not _is_agreed_exchange(swap))),
        is_owner and swap.requester_id != viewer.id and swap.mode is not SwapMode.TAKEOVER and now < swap.start
        and swap.state in (*PENDING, *EFFECTIVE),
    )  # fmt: skip


def _refused(swap: Swap, viewer: User) -> list[tuple[int, str, str]]:
    """Whom the checks would refuse while somebody is looked for: who approves cover may let them (R19)."""
    if swap.state is not SwapState.OPEN or not may(
        viewer, Act.APPROVE_COVER, team_id=swap.schedule.team_id
    ):  # fmt: skip
        return []
    people = candidates(swap.schedule, swap.owner, span(swap), at=clock.now()).people
    return [
        (each.user_id, plain(each.name), " ".join(finding.says for finding in each.cannot))
        for each in people
        if not each.can and str(each.user_id) not in swap.exempt
    ]


def _offers(swap: Swap, viewer: User, tz: ZoneInfo, owns: bool) -> list[OfferLine]:
    """Those that stand, while the hours are still asked for."""
    if swap.state is not SwapState.OPEN:
        return []
    return [
        OfferLine(
            offer.id, offer.user, both_zones(Interval(offer.start, offer.end), tz, viewer_zone()), offer.note,
            owns, offer.user_id == viewer.id,
        )
        for offer in swap.offers
        if offer.state is OfferState.OPEN
    ]  # fmt: skip


def _effect(swap: Swap, tz: ZoneInfo) -> list[str]:
    """Both people's weighted hours, four weeks before these hours to four after, as they are and would be."""
    if swap.taker is None:
        return []
    weights = fairness.rules_of(swap.schedule_id)
    moved = sum(weigh(each, tz, weights) for each in agreed(swap))
    moved -= sum(weigh(each, tz, weights) for each in agreed_in_return(swap))
    had = balances_of(swap.schedule_id, [swap.owner_id, swap.taker.id], span(swap))
    changes = ((swap.owner, -moved), (swap.taker, moved))
    return [
        f"{plain(person.name)} {had[person.id]:.0f} → {had[person.id] + change:.0f} h weighted"
        for person, change in changes
    ]


def inbox(viewer: User) -> tuple[list[SwapView], list[Card], list[Card]]:
    """(waiting for the viewer's approval, asked of the viewer, everything else that is not over)."""
    rows = sa.select(Swap).where(seen_by(viewer), Swap.state.in_(PENDING | EFFECTIVE))
    approve: list[SwapView] = []
    answer, others = [], []
    for swap in db.session.scalars(rows.order_by(Swap.start, Swap.id).limit(200)):
        view = swap_view(swap, viewer)
        if view.may_approve:
            approve.append(view)
        elif view.may_accept and viewer.id not in swap.declined:
            answer.append(view.card)
        else:
            others.append(view.card)
    return approve, answer, others


def _is_asked(swap: Swap, viewer: User) -> bool:
    if swap.asked:
        return viewer.id in swap.asked
    roster = roster_for(swap.schedule_id, span(swap))
    allowed = on_roster(roster) | rules_of(swap.schedule_id).eligible
    return viewer.id in allowed or str(viewer.id) in swap.exempt


def _is_agreed_exchange(swap: Swap) -> bool:
    return swap.mode is SwapMode.EXCHANGE and swap.state is not SwapState.OPEN


def _steps(swap: Swap) -> list[Step]:
    found = []
    for event in events_about(Subject.SWAP, swap.id):
        did = DID.get(event.kind, event.kind.replace("_", " "))
        found.append(Step(f"{plain(event.actor.name)} {did}" if event.actor else did.capitalize(), event.at))
    return found


def _chips(whole: Interval, wanted: Interval, tz: ZoneInfo) -> list[Chip]:
    """All of the shift, and each day of it by the schedule's clock."""
    parts = [("All of it", whole)]
    at = whole.start
    while at < whole.end and len(parts) <= MOST_DAYS:
        wall = zone.wall_clock(at, tz)
        midnight = zone.instant(datetime.combine(wall.date() + timedelta(days=1), datetime.min.time()), tz)
        parts.append((day(at, tz).rpartition(" ")[0], Interval(at, min(midnight, whole.end))))
        at = midnight
    return [
        Chip(word, part.start.isoformat(), part.end.isoformat(), part == wanted)
        for word, part in (parts if len(parts) > 2 else parts[:1])
    ]


def _rows(found: Candidates, wanted: Interval, ticked: Sequence[int] | None) -> list[CandidateRow]:
    ids = [each.user_id for each in found.people]
    people = {user.id: user for user in db.session.scalars(sa.select(User).where(User.id.in_(ids)))}
    most = max([found.median, *(each.balance.after for each in found.people)], default=0) * 1.15 or 1.0
    free = [each.user_id for each in found.people if each.can and not each.warned][:TICKED]
    chosen = set(free if ticked is None else ticked)
    rows = []
    for number, each in enumerate(found.people):
        person = people[each.user_id]
        mark, mood = _mark(each, is_first=number == 0)
        local = zone_named(person.time_zone)
        where = f"{hour(wanted.start, local)}–{hour(wanted.end, local)} in {place(person.time_zone)}"
        median_words = f", median {found.median:.0f} h" if number == 0 else ""
        rows.append(
            CandidateRow(
                person, where, f"{each.balance.before:.0f} → {each.balance.after:.0f} h weighted{median_words}",
                " ".join(finding.says for finding in each.cannot or each.warned), mark, mood, each.can,
                each.can and each.user_id in chosen, 100 * each.balance.before / most,
                100 * (each.balance.after - each.balance.before) / most, 100 * found.median / most,
            )
        )  # fmt: skip
    return rows


def _returns(
    schedule: Schedule, wanted: Interval, rows: Sequence[CandidateRow], tz: ZoneInfo, chosen: str
) -> list[Return]:
    """What those who can could give in return, person by person in the order they are ranked."""
    people = {row.person.id: plain(row.person.name) for row in rows if row.can}
    weights, found = fairness.rules_of(schedule.id), []
    for user_id, spans in returns_of(schedule, wanted, people, at=clock.now()).items():
        for each in spans:
            value = f"{user_id} {each.start.isoformat()} {each.end.isoformat()}"
            facts = f"{length_words(each, tz)}, {weight_words([each], tz, weights)}"
            when = both_zones(each, tz, viewer_zone())
            found.append(Return(value, people[user_id], when, facts, value == chosen))
    return found


def _mark(each: Candidate, *, is_first: bool) -> tuple[str, str]:
    if not each.can:
        return "Cannot", ""
    if each.warned:
        return "Phone unproven" if each.warned[-1].check == "unproven" else "Backup", "warn"
    return ("Fairest", "ok") if is_first else ("", "")
