"""Who is told what of a swap: everybody it concerns but the one who did it, in absolute times (R30)."""

from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from app.database import db
from app.domain import zone
from app.domain.interval import Interval
from app.domain.layers import people_in
from app.domain.notice import NoticeEvent
from app.domain.swap_words import both_zones, length_words, listed, place, span_words
from app.domain.words import NoticeCategory, SwapMode
from app.domain.zone import spoken
from app.notices.post import post
from app.oncall.models import Swap, SwapOffer
from app.oncall.swap_people import managers_of, roster_for, rules_of
from app.oncall.swap_state import agreed, agreed_in_return, span
from app.people.models import User


def asked(swap: Swap, *, by: User, at: datetime) -> None:
    """Those who could take it; and the owner, when a manager asks on their behalf, with the way to object."""
    offers = f"{swap.owner.name} asks: {_when(swap)}"
    for person in _candidates(swap):
        _post(swap, [person], by, offers, _terms(swap, person), at)
    if swap.requester_id != swap.owner_id:
        _post(
            swap, [swap.owner], by, f"Cover is sought for you: {_when(swap)}",
            f"{swap.requester.name} asks somebody to take your hours. If you do not want that, say so before "
            f"{spoken(swap.start, _zone(swap))}.", at,
        )  # fmt: skip


def accepted(swap: Swap, *, by: User, at: datetime) -> None:
    """It waits for approval: until then the owner stays on call."""
    taker = _name(swap.taker)
    _post(
        swap, _owner_and_requester(swap), by, f"{taker} accepts: {_when(swap)}",
        f"{swap.owner.name} stays on call until a manager approves.", at,
    )  # fmt: skip
    _post(
        swap, managers_of(swap.schedule), by, f"Approve by {spoken(swap.start, _zone(swap))}",
        f"{swap.owner.name} gives {_when(swap)} to {taker}. Both agreed.", at,
    )  # fmt: skip


def agreed_on(swap: Swap, *, by: User, at: datetime) -> None:
    """It counts at once."""
    _post(swap, [*_owner_and_requester(swap), *_taker(swap)], by, _has_it(swap), _until(swap), at)


def approved(swap: Swap, *, by: User, at: datetime) -> None:
    _post(
        swap, [*_owner_and_requester(swap), *_taker(swap)], by, f"Approved: {_has_it(swap)}", _until(swap), at
    )


def rejected(swap: Swap, taker: User | None, *, by: User, at: datetime) -> None:
    why = f" {swap.because}" if swap.because else ""
    _post(
        swap, _people(swap, taker), by, f"Not approved: {_when(swap)}",
        f"{swap.owner.name} stays on call.{why}", at,
    )  # fmt: skip


def declined(swap: Swap, *, by: User, at: datetime) -> None:
    _post(
        swap, _owner_and_requester(swap), by, f"{by.name} cannot: {_when(swap)}",
        f"{swap.owner.name} stays on call. Ask somebody else?", at,
    )  # fmt: skip


def taken_over(swap: Swap, *, by: User, at: datetime) -> None:
    _post(
        swap, [swap.owner], by, f"{by.name} has the pager now",
        f"{by.name} took over from you on {swap.schedule.name} until {spoken(swap.end, _zone(swap))}.", at,
    )  # fmt: skip


def shrunk(swap: Swap, *, by: User, at: datetime) -> None:
    _post(
        swap, [*_owner_and_requester(swap), *_taker(swap)], by, f"Fewer hours: {_when(swap)}",
        f"{_name(swap.taker)} covers for {swap.owner.name} only in these hours now.", at,
    )  # fmt: skip


def followed(swap: Swap, *, by: User, at: datetime) -> None:
    """The schedule was edited, and the swap went with its shift (R26)."""
    taker = f"{swap.taker.name} covers" if swap.taker else "Cover is asked for"
    _post(
        swap, [*_owner_and_requester(swap), *_taker(swap)], by, f"Moved with the shift: {_when(swap)}",
        f"{swap.schedule.name} was changed. {taker} for {swap.owner.name} in these hours now.", at,
    )  # fmt: skip


def cannot_follow(swap: Swap, taker: User | None, *, by: User, at: datetime) -> None:
    """The schedule was edited, and whoever covered cannot have the hours there are now (R26, R19)."""
    if taker is not None:
        _post(
            swap, [taker], by, f"You cannot cover: {_when(swap)}",
            f"{swap.schedule.name} was changed, and something stands against your having these hours. "
            f"{swap.owner.name} is on call.", at,
        )  # fmt: skip
    _post(
        swap, _owner_and_requester(swap), by, f"Still yours: {_when(swap)}",
        f"{swap.schedule.name} was changed, and {_name(taker)} cannot cover these hours. Cover is asked for "
        "again; you are on call until somebody accepts.", at,
    )  # fmt: skip


def changed(swap: Swap, taker: User | None, *, by: User, at: datetime) -> None:
    """Other hours: whoever had accepted is asked again, and everybody else who may."""
    if taker is not None:
        _post(
            swap, [taker], by, f"Other hours: {_when(swap)}",
            f"{swap.owner.name} changed what you had accepted, and is on call until you accept again.", at,
        )  # fmt: skip


def cancelled(swap: Swap, taker: User | None, *, by: User | None, at: datetime) -> None:
    why = f" {swap.because}" if swap.because else ""
    _post(
        swap, _people(swap, taker), by, f"Cancelled: {_when(swap)}", f"{swap.owner.name} is on call.{why}", at
    )


def objected(swap: Swap, taker: User | None, *, by: User, at: datetime) -> None:
    _post(
        swap, _people(swap, taker), by, f"{by.name} objects: {_when(swap)}",
        f"{by.name} keeps these hours and is on call.", at,
    )  # fmt: skip


def undone(swap: Swap, *, by: User, at: datetime) -> None:
    _post(
        swap, _owner_and_requester(swap), by, f"{by.name} gives it back: {_when(swap)}",
        f"{swap.owner.name} is on call for these hours again.", at,
    )  # fmt: skip


def offered(swap: Swap, offer: SwapOffer, *, by: User, at: datetime) -> None:
    part = Interval(offer.start, offer.end)
    _post(
        swap, _owner_and_requester(swap), by, f"{by.name} could take {span_words(part, _zone(swap))}",
        offer.note or f"Part of {_when(swap)}. You decide.", at, hours=part,
    )  # fmt: skip


def reminder(swap: Swap, *, at: datetime) -> None:
    """A day and two hours before: both sides and whoever approves (R20)."""
    closes = spoken(swap.start, _zone(swap))
    if swap.taker is not None:
        _post(
            swap, [*_people(swap, swap.taker), *managers_of(swap.schedule)], None, f"Approve by {closes}",
            f"{swap.owner.name} gives {_when(swap)} to {swap.taker.name}. Both agreed. Until it is approved "
            f"{swap.owner.name} stays on call.", at,
        )  # fmt: skip
        return
    _post(
        swap, [*_owner_and_requester(swap), *managers_of(swap.schedule)], None,
        f"Nobody has accepted: {_when(swap)}",
        f"{swap.owner.name} stays on call unless somebody accepts by {closes}.", at,
    )  # fmt: skip


def expired(swap: Swap, *, at: datetime) -> None:
    why = "Nobody approved it in time." if swap.taker is not None else "Nobody accepted in time."
    _post(
        swap, [*_people(swap, swap.taker), *managers_of(swap.schedule)], None, f"Expired: {_when(swap)}",
        f"{why} {swap.owner.name} is on call.", at,
    )  # fmt: skip


def _post(
    swap: Swap, to: Iterable[User], by: User | None, title: str, body: str, at: datetime,
    hours: Interval | None = None,
) -> None:  # fmt: skip
    """`title` has the hours on the schedule's clock; before the body those of the reader's, if another."""
    for person in {each.id: each for each in to}.values():
        post(
            NoticeCategory.ON_CALL, NoticeEvent.SWAP, to=[person], by=by, title=title,
            body=_on_own_clock(hours or span(swap), _zone(swap), zone_of(person)) + body,
            link=f"/swaps/{swap.id}", at=at,
        )  # fmt: skip


def _on_own_clock(hours: Interval, here: ZoneInfo, own: ZoneInfo) -> str:
    """ "Sat 28 Nov, 09:00–23:00 CET in Stockholm. " for whoever lives by another clock than the schedule."""
    words = span_words(hours, own)
    return "" if words == span_words(hours, here) else f"{words} in {place(own)}. "


def _terms(swap: Swap, reader: User) -> str:
    """ "14 h on Payments primary." with what is given in return, and the note."""
    here, there = _zone(swap), zone_of(reader)
    words = [f"{length_words(span(swap), here)} on {swap.schedule.name}."]
    if swap.mode is SwapMode.EXCHANGE:
        back = listed([both_zones(each, here, there) for each in agreed_in_return(swap)])
        words.append(f"{swap.owner.name} takes {back} in return.")
    if swap.note:
        words.append(f"“{swap.note}”")
    return " ".join(words)


def _candidates(swap: Swap) -> list[User]:
    """Those who were asked by name, else everybody on the roster or marked as eligible."""
    if swap.asked:
        wanted = set(swap.asked)
    else:
        roster = roster_for(swap.schedule_id, *agreed(swap))
        wanted = {user_id for _, user_id in people_in(roster.config.layers)}
        wanted |= rules_of(swap.schedule_id).eligible
    wanted.discard(swap.owner_id)
    return list(db.session.scalars(sa.select(User).where(User.id.in_(wanted)).order_by(User.id)))


def _has_it(swap: Swap) -> str:
    return f"{_name(swap.taker)} has {_when(swap)}"


def _until(swap: Swap) -> str:
    words = f"{_name(swap.taker)} covers for {swap.owner.name} on {swap.schedule.name}."
    if back := agreed_in_return(swap):
        words += f" {swap.owner.name} takes {listed([span_words(each, _zone(swap)) for each in back])}."
    return words


def _when(swap: Swap) -> str:
    return span_words(span(swap), _zone(swap))


def _people(swap: Swap, taker: User | None) -> list[User]:
    return [*_owner_and_requester(swap), *([taker] if taker else [])]


def _owner_and_requester(swap: Swap) -> list[User]:
    return [swap.owner, swap.requester]


def _taker(swap: Swap) -> list[User]:
    return [swap.taker] if swap.taker else []


def _name(user: User | None) -> str:
    return user.name if user else "Nobody"


def _zone(swap: Swap) -> ZoneInfo:
    return _named(swap.schedule.time_zone)


def zone_of(user: User) -> ZoneInfo:
    return _named(user.time_zone)


def _named(name: str) -> ZoneInfo:
    try:
        return zone.named(name)
    except zone.UnknownZone:
        return ZoneInfo("UTC")
