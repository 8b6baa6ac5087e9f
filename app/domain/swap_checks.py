"""Whether somebody can take hours: every reason against it, by name and in words (R19).

A failure keeps a person from accepting unless a manager exempts them with a reason; a warning is only told.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from app.domain.interval import Interval, merge
from app.domain.reason import OnCallRole
from app.domain.swap import hours
from app.domain.zone import spoken


class Check(StrEnum):
    """What may stand against taking hours. BEHIND and UNPROVEN only warn."""

    OWNER = "owner"
    INACTIVE = "inactive"
    NOT_ON_ROSTER = "not_on_roster"
    ON_CALL = "on_call"
    REST = "rest"
    AWAY = "away"
    UNREACHABLE = "unreachable"
    BEHIND = "behind"
    UNPROVEN = "unproven"


OF_THE_HOURS = frozenset({Check.ON_CALL, Check.REST, Check.AWAY})  # the others are about the person


@dataclass(frozen=True, slots=True)
class Finding:
    check: Check
    says: str


@dataclass(frozen=True, slots=True)
class Duty:
    """Hours in which a person is on call on a schedule."""

    schedule_id: int
    schedule: str
    hours: Interval
    role: OnCallRole


@dataclass(frozen=True, slots=True)
class Taker:
    """What the checks know of a person. `duties` on every schedule, from a day before the hours to a day
    after; without the hours that the same agreement takes off them.
    """

    user_id: int
    name: str
    is_active: bool
    may_take: bool  # on the roster, or marked eligible
    duties: tuple[Duty, ...]
    away: tuple[Interval, ...]
    is_reachable: bool
    is_proven: bool


def failures(
    taker: Taker,
    spans: Sequence[Interval],
    *,
    owner_id: int,
    schedule_id: int,
    rest: timedelta,
    zone: ZoneInfo,
) -> tuple[Finding, ...]:
    """Why this person cannot take the hours `spans`, all reasons at once; empty when they can."""
    name = taker.name
    if taker.user_id == owner_id:
        return (Finding(Check.OWNER, f"{name} has these hours already."),)
    found: list[Finding] = []
    if not taker.is_active:
        found.append(Finding(Check.INACTIVE, f"{name}’s account is switched off."))
    if not taker.may_take:
        found.append(
            Finding(
                Check.NOT_ON_ROSTER, f"{name} is not on the roster of this schedule, nor marked as eligible."
            )
        )
    for duty in _primary(taker.duties):
        if any(duty.hours.overlap(span) for span in spans):
            where = "this schedule" if duty.schedule_id == schedule_id else duty.schedule
            found.append(
                Finding(
                    Check.ON_CALL,
                    f"{name} is on call on {where} until {spoken(duty.hours.end, zone)}.",
                )
            )
            break
    if short := _short_rest(taker, spans, rest, zone):
        found.append(short)
    for off in taker.away:
        if any(off.overlap(span) for span in spans):
            found.append(Finding(Check.AWAY, f"{name} is on time off until {spoken(off.end, zone)}."))
            break
    if not taker.is_reachable:
        found.append(Finding(Check.UNREACHABLE, f"{name} has no device that could ring."))
    return tuple(found)


def warnings(taker: Taker, spans: Sequence[Interval], *, schedule_id: int) -> tuple[Finding, ...]:
    """What should be known before asking this person."""
    found: list[Finding] = []
    if any(
        duty.role is OnCallRole.BACKUP and duty.schedule_id == schedule_id and duty.hours.overlap(span)
        for duty in taker.duties
        for span in spans
    ):
        found.append(
            Finding(Check.BEHIND, f"{taker.name} is the backup in these hours; nobody would be behind.")
        )
    if taker.is_reachable and not taker.is_proven:
        found.append(Finding(Check.UNPROVEN, f"No device of {taker.name}’s has proved that it rings."))
    return tuple(found)


def _short_rest(taker: Taker, spans: Sequence[Interval], rest: timedelta, zone: ZoneInfo) -> Finding | None:
    """Turns that touch are one longer turn; turns apart need `rest` between them."""
    turns = merge([duty.hours for duty in _primary(taker.duties)])
    for span in merge(spans):
        for turn in turns:
            if turn.end < span.start and span.start - turn.end < rest:
                has, when = span.start - turn.end, f"after the turn that ends {spoken(turn.end, zone)}"
            elif span.end < turn.start and turn.start - span.end < rest:
                has, when = turn.start - span.end, f"before the turn that starts {spoken(turn.start, zone)}"
            else:
                continue
            return Finding(
                Check.REST, f"{taker.name} has only {hours(has)} rest {when}; {hours(rest)} are needed."
            )
    return None


def _primary(duties: Iterable[Duty]) -> list[Duty]:
    return [duty for duty in duties if duty.role is OnCallRole.PRIMARY]
