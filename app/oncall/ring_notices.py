"""Who is told what of a ring of three: what they give and what they get, in absolute times (R30)."""

from collections.abc import Iterable
from datetime import datetime

from app.database import db
from app.domain import zone
from app.domain.notice import NoticeEvent
from app.domain.swap_words import both_zones, listed
from app.domain.words import NoticeCategory
from app.notices.post import post
from app.oncall.models import Swap
from app.oncall.ring_models import Ring
from app.oncall.swap_people import managers_of
from app.oncall.swap_state import agreed
from app.people.models import User


def proposed(ring: Ring, *, by: User, at: datetime) -> None:
    for person in _people(ring):
        says = (
            f"{by.name} proposes a ring of three. {terms(ring, person)} Nothing changes until all three agree."
        )
        _post(ring, [person], by, f"A ring of three: {ring.schedule.name}", says, at)


def one_agreed(ring: Ring, *, by: User, at: datetime) -> None:
    left = [person.name for person in _people(ring) if person.id not in ring.agreed]
    _post(ring, _people(ring), by, f"{by.name} agrees to the ring", f"It waits for {listed(left)}.", at)


def to_approve(ring: Ring, *, by: User, at: datetime) -> None:
    """All three agreed: a manager decides about all of it."""
    names = listed([person.name for person in _people(ring)])
    says = f"{names} give hours round on {ring.schedule.name}. All three agreed."
    _post(ring, managers_of(ring.schedule), by, "Approve a ring of three", says, at)
    _post(ring, _people(ring), by, "All three agree", "Nothing changes until a manager approves.", at)


def counts(ring: Ring, *, by: User, at: datetime) -> None:
    for person in _people(ring):
        _post(ring, [person], by, f"The ring counts: {ring.schedule.name}", terms(ring, person), at)


def declined(ring: Ring, *, by: User, at: datetime) -> None:
    why = f" “{ring.because}”" if ring.because else ""
    says = f"Everybody keeps their hours, and the requests stay open.{why}"
    _post(ring, _people(ring), by, f"{by.name} declined the ring", says, at)


def over(ring: Ring, *, by: User, at: datetime) -> None:
    says = "One of its hours was changed, taken or has begun. Nothing of it happened."
    _post(ring, _people(ring), by, f"The ring is over: {ring.schedule.name}", says, at)


def terms(ring: Ring, reader: User) -> str:
    """ "You give Sat 31 Oct, … to Bo and have Sun 8 Nov, … of Cy." """
    gives = next((leg for leg in ring.legs if leg["giver_id"] == reader.id), None)
    gets = next((leg for leg in ring.legs if leg["taker_id"] == reader.id), None)
    if gives is None or gets is None:
        return ""
    to, of = (db.session.get_one(User, each).name for each in (gives["taker_id"], gets["giver_id"]))
    given, had = (_hours(ring, leg["swap_id"], reader) for leg in (gives, gets))
    return f"You give {given} to {to} and have {had} of {of}."


def _hours(ring: Ring, swap_id: int, reader: User) -> str:
    here, there = zone.named(ring.schedule.time_zone), zone.named(reader.time_zone)
    return listed([both_zones(each, here, there) for each in agreed(db.session.get_one(Swap, swap_id))])


def _people(ring: Ring) -> list[User]:
    return [db.session.get_one(User, leg["giver_id"]) for leg in ring.legs]


def _post(ring: Ring, to: Iterable[User], by: User, title: str, body: str, at: datetime) -> None:
    post(
        NoticeCategory.ON_CALL, NoticeEvent.SWAP, to=[each for each in to if each.id != by.id], by=by,
        title=title, body=body, link=f"/swaps/rings/{ring.id}", at=at,
    )  # fmt: skip
