"""What an edit of a schedule changes, as its page shows it: hours that go to others, and each person's load."""

from dataclasses import dataclass
from datetime import datetime

from app.database import db
from app.domain.difference import Held, Load
from app.domain.phrase import counted
from app.domain.reason import OnCallRole
from app.domain.swap_edits import Fate
from app.oncall.preview import Preview
from app.people.models import User
from app.web.words import calendar_day, moment, plain, zone_named

MOST_CHANGES = 12  # on the page; how many more there are is said


@dataclass(frozen=True)
class Turned:
    """Some hours that go to others. `start` and `end` in the schedule's zone, in words."""

    start: str
    end: str
    before: str
    after: str


@dataclass(frozen=True)
class Touched:
    """One person's next 90 days, before and after."""

    person: User
    hours: str
    weekends: str
    is_more: bool


@dataclass(frozen=True)
class SwapTouched:
    """A swap whose shift is edited, and what becomes of it unless somebody chooses."""

    id: int
    says: str
    fate: Fate


@dataclass(frozen=True)
class WeekShown:
    """A week before and after; None: nobody is first in line."""

    monday: str
    before: User | None
    after: User | None
    is_changed: bool


@dataclass(frozen=True)
class Shown:
    until: datetime
    weeks: list[WeekShown]
    turned: list[Turned]
    more: int
    people: list[Touched]
    moved: list[str]
    swaps: list[SwapTouched]


FATES = (
    (Fate.MOVE, "Goes with the shift"),
    (Fate.KEEP, "Stays at its hours"),
    (Fate.CANCEL, "Ends, both are told"),
)


def shown(found: Preview) -> Shown:
    """The difference in words, with the people's names."""
    changed, zone = found.difference, zone_named(found.draft.time_zone)
    ids = set(changed.loads) | {one.user_id for one in changed.moved}
    ids |= {id_ for each in found.swaps for id_ in (each.swap.owner_id, each.swap.taker_id) if id_}
    people = {user.id: user for user in db.session.scalars(db.select(User).where(User.id.in_(ids)))}
    names = {id_: plain(user.name) for id_, user in people.items()}
    return Shown(
        until=found.end,
        weeks=[
            WeekShown(
                calendar_day(week.monday),
                people.get(week.before or 0),
                people.get(week.after or 0),
                week.is_changed,
            )
            for week in changed.weeks
        ],
        turned=[
            Turned(
                moment(one.start, zone), moment(one.end, zone), _who(one.before, names), _who(one.after, names)
            )
            for one in changed.changes[:MOST_CHANGES]
        ],
        more=max(0, len(changed.changes) - MOST_CHANGES),
        people=[
            Touched(people[id_], _hours(*loads), _weekends(*loads), loads[1].primary > loads[0].primary)
            for id_, loads in changed.loads.items()
            if id_ in changed.people and id_ in people
        ],
        moved=[
            f"{names.get(one.user_id, 'Somebody')}’s running shift ends "
            + (f"{moment(one.until_after, zone)} instead of " if one.until_after else "now instead of ")
            + moment(one.until_before, zone)
            for one in changed.moved
        ],
        swaps=[
            SwapTouched(
                each.swap.id,
                f"{names.get(each.swap.owner_id, 'Somebody')} to "
                f"{names.get(each.swap.taker_id or 0, 'whoever takes it')}, {moment(each.swap.start, zone)}",
                each.fate,
            )
            for each in found.swaps
        ],
    )


def _who(held: Held, names: dict[int, str]) -> str:
    first = [names.get(id_, "somebody") for id_, role in held if role is OnCallRole.PRIMARY]
    behind = [names.get(id_, "somebody") for id_, role in held if role is not OnCallRole.PRIMARY]
    return (" and ".join(first) or "Nobody") + (f", backup {' and '.join(behind)}" if behind else "")


def _hours(before: Load, after: Load) -> str:
    return f"{_whole(before)} → {_whole(after)} h"


def _whole(load: Load) -> int:
    return round(load.primary.total_seconds() / 3600)


def _weekends(before: Load, after: Load) -> str:
    return counted(after.weekends, "weekend") if before.weekends == after.weekends else (
        f"{before.weekends} → {counted(after.weekends, 'weekend')}"
    )  # fmt: skip
