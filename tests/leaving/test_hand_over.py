"""L-USR-04: every place is listed, handed over or ended, all at once; then the person can do nothing here."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from app import clock
from app.database import db, transaction
from app.domain.invalid import InvalidField
from app.domain.words import AlertStatus, Role
from app.incidents.models import Incident
from app.leaving.duties import duties_of
from app.leaving.hand_over import StillHolds, leave
from app.notices import listing
from app.oncall.models import EscalationPolicy, Schedule
from app.oncall.queries import on_call_at, people_for
from app.paging.methods import devices_of
from app.people import sessions, tokens
from app.people.models import Membership, Session, Team, User
from tests.leaving.conftest import WEEKLY, House
from tests.support.cast import make_user

KEYS = ["schedule:1", "override:1", "steps:1", "last_resort:1", "team:2", "service:1", "alert:1", "incident:1"]


def held(house: House, name: str = "ada") -> list[str]:
    db.session.rollback()
    return [duty.key for duty in duties_of(house.user(name), at=clock.now())]


def go(house: House, choices: Mapping[str, int | None], name: str = "ada", by: str = "root") -> None:
    with transaction():
        leave(house.user(name), choices, by=house.user(by), at=clock.now())


def everything(house: House, to: str | None) -> dict[str, int | None]:
    return dict.fromkeys(held(house), to and house.user(to).id)


def test_L_USR_04_every_place_is_listed(house: House) -> None:
    assert held(house) == KEYS
    assert held(house, "dan") == []


def test_somebody_who_still_holds_a_place_does_not_leave_and_nothing_changes(house: House) -> None:
    choices = everything(house, "ben")
    del choices["service:1"]
    with pytest.raises(StillHolds, match="one place") as refused:
        go(house, choices)
    assert [duty.says for duty in refused.value.duties] == ["Owns checkout-api"]
    assert held(house) == KEYS
    assert house.user("ada").is_active


def test_everything_goes_to_the_successor(house: House) -> None:
    go(house, everything(house, "ben"))
    ben = house.user("ben")
    assert held(house) == []
    assert {"schedule:1", "steps:1", "last_resort:1", "team:2", "service:1", "incident:1"} <= set(
        held(house, "ben")
    )
    sets = [
        layer["rotation"]["participants"] for layer in db.session.get_one(Schedule, house.schedule_id).layers
    ]
    assert sets == [[[str(ben.id)], [str(ben.id)]], [[str(ben.id)]]]
    at = clock.now() + timedelta(days=9, hours=1)
    assert [holder.user_id for holder in on_call_at(house.schedule_id, at)] == [ben.id]
    policy = db.session.get_one(EscalationPolicy, 1)
    assert [[target["id"] for target in step["targets"]] for step in policy.steps] == [[str(ben.id)]] * 2
    assert db.session.get_one(Incident, 1).commander_id == ben.id
    assert house.world.alert().status is AlertStatus.TRIGGERED
    house.world.tick()
    assert house.world.paged()[-1] == "Ben"
    titles = [notice.title for notice in listing.of(ben)]
    assert titles.count("You took over from Ada") == 1


def test_what_nobody_takes_over_ends_and_pages_go_on(house: House) -> None:
    go(house, everything(house, None))
    (layer,) = db.session.get_one(Schedule, house.schedule_id).layers
    assert layer["rotation"]["participants"] == [[str(house.user("ben").id)]]
    policy = db.session.get_one(EscalationPolicy, 1)
    assert len(policy.steps) == 1
    assert policy.last_resort_user_id is None
    assert db.session.get_one(Team, 2).manager_id is None
    assert db.session.get_one(Incident, 1).commander_id is None
    at = clock.now() + timedelta(days=9, hours=1)
    assert [holder.name for holder in on_call_at(house.schedule_id, at)] == ["Ben"]
    house.world.tick()
    assert house.world.alert().status is AlertStatus.TRIGGERED
    assert house.world.paged()[-1] == "Ben"


def test_what_would_leave_a_hole_says_so(house: House) -> None:
    risky = {duty.key: duty.without for duty in duties_of(house.user("ada"), at=clock.now()) if duty.is_risky}
    assert set(risky) == {"steps:1", "team:2", "service:1", "incident:1"}
    with transaction():
        schedule = db.session.get_one(Schedule, house.schedule_id)
        schedule.layers = [schedule.layers[1]]
    (turns,) = [one for one in duties_of(house.user("ada"), at=clock.now()) if one.key == "schedule:1"]
    assert turns.is_risky
    assert turns.without.startswith("Nobody would be on call for 32 h more")  # four Saturdays of eight hours


def plan_for_christmas(house: House, **changes: object) -> None:
    """Ada alone over Christmas, beyond the four weeks; last Christmas, too. Dan has the usual turns."""
    dan, ada = [[str(house.user(name).id)] for name in ("dan", "ada")]
    at_home = [{"name": "At home", "rotation": WEEKLY | {"participants": [ada]}}]
    over = {"name": "Last Christmas", "start": "2025-12-24T09:00", "end": "2026-01-02T09:00", "layers": at_home}
    ahead = over | {"name": "Christmas", "start": "2026-12-24T09:00", "end": "2027-01-02T09:00"} | changes
    with transaction():
        schedule = db.session.get_one(Schedule, house.schedule_id)
        schedule.layers = [{"name": "All day", "rotation": WEEKLY | {"participants": [dan]}}]
        schedule.temporary = [over, ahead]


def holders_at_christmas(house: House) -> list[str]:
    db.session.rollback()
    return [holder.name for holder in on_call_at(house.schedule_id, datetime(2026, 12, 25, 12, tzinfo=UTC))]


@pytest.mark.parametrize(("to", "holder"), [("ben", "Ben"), (None, "Dan")])
def test_turns_in_a_temporary_schedule_are_handed_over_or_end(
    house: House, to: str | None, holder: str
) -> None:
    plan_for_christmas(house)
    assert holders_at_christmas(house) == ["Ada"]
    (turns,) = [one for one in duties_of(house.user("ada"), at=clock.now()) if one.key == "schedule:1"]
    assert turns.says == "Takes turns on Payments nights: Christmas (Thu 24 Dec to Sat 2 Jan)"
    assert not turns.is_risky  # the usual turns hold where a temporary schedule has nobody
    go(house, everything(house, to))
    assert holders_at_christmas(house) == [holder]
    kept = [each["name"] for each in db.session.get_one(Schedule, house.schedule_id).temporary]
    assert kept == (["Last Christmas", "Christmas"] if to else ["Last Christmas"])
    assert str(house.user("ada").id) in str(db.session.get_one(Schedule, house.schedule_id).temporary[0])


def test_a_hole_in_a_temporary_schedule_is_told_however_far_ahead(house: House) -> None:
    plan_for_christmas(house)
    with transaction():
        schedule = db.session.get_one(Schedule, house.schedule_id)
        schedule.layers = [
            schedule.layers[0]
            | {"restrictions": [{"weekdays": ["mon", "tue", "wed"], "start": "09:00", "end": "17:00"}]}
        ]
    (turns,) = [one for one in duties_of(house.user("ada"), at=clock.now()) if one.key == "schedule:1"]
    assert turns.is_risky
    # nine days of 24 hours; Dan has eight hours of Monday to Wednesday
    assert turns.without == (
        "Nobody would be on call for 192 h more of the time until Sat 2 Jan, 09:00 UTC: the last resort."
    )


def test_a_schedule_that_was_not_in_order_keeps_nobody_here(house: House) -> None:
    """The check would refuse to save it without a reason; that somebody leaves is one."""
    with transaction():
        schedule = db.session.get_one(Schedule, house.schedule_id)
        schedule.requirements = {"people": 5, "hours": "always"}
    go(house, everything(house, "ben"))
    assert held(house) == []


def test_the_only_step_of_a_policy_must_be_taken_over(house: House) -> None:
    with transaction():
        policy = db.session.get_one(EscalationPolicy, 1)
        policy.steps = policy.steps[:1]
    with pytest.raises(InvalidField, match="No step would be left"):
        go(house, everything(house, None))
    assert house.user("ada").is_active


@pytest.mark.parametrize("who", ["ada", "eli", "gone", "nobody"])
def test_a_successor_is_somebody_else_who_is_here_and_may_be_paged(house: House, who: str) -> None:
    with transaction():
        gone = make_user("Gone", is_active=False)
    to = {"gone": gone.id, "nobody": 2**40}.get(who) or getattr(house.world.cast, who).id
    with pytest.raises(InvalidField, match="Somebody else, who is here"):
        go(house, everything(house, "ben") | {"service:1": to})
    assert held(house) == KEYS


def test_leaving_ends_sign_ins_tokens_devices_and_memberships(house: House) -> None:
    with transaction():
        ada = house.user("ada")
        _, cookie = sessions.start(ada, device="Firefox", at=clock.now())
        _, plain = tokens.create(ada, name="report", scopes=["read"], at=clock.now())
    go(house, everything(house, "ben"))
    ada = house.user("ada")
    assert sessions.find(cookie, at=clock.now()) is None
    assert db.session.scalars(sa.select(Session).where(Session.user_id == ada.id)).all() == []
    assert tokens.verify(plain, at=clock.now()) is None
    assert devices_of(ada.id) == []
    assert db.session.scalars(sa.select(Membership).where(Membership.user_id == ada.id)).all() == []


def test_a_second_tap_changes_nothing_and_nobody_lets_themselves_go(house: House) -> None:
    go(house, everything(house, "ben"))
    go(house, {})
    with pytest.raises(InvalidField, match="You cannot let yourself go"):
        go(house, {}, name="root")


def test_the_last_administrator_stays(house: House) -> None:
    with transaction():
        house.user("mara").role = Role.ADMINISTRATOR
    go(house, {key: house.user("ben").id for key in held(house, "root")}, name="root", by="mara")
    with pytest.raises(InvalidField, match="last administrator"):
        go(house, {key: house.user("ben").id for key in held(house, "mara")}, name="mara", by="ben")
    assert house.user("mara").is_active


def test_INV12_a_step_that_names_somebody_who_left_is_passed_over(house: House) -> None:
    """However a row came to name them: the next step is asked at once."""
    go(house, everything(house, "ben"))
    with transaction():
        policy = db.session.get_one(EscalationPolicy, 1)
        ada, dan = house.user("ada"), house.user("dan")
        policy.steps = [
            {"wait_minutes": 5, "targets": [{"kind": "user", "id": str(one.id)}]} for one in (ada, dan)
        ]
        assert people_for(policy.steps[0]["targets"], clock.now()) == []
    house.world.fire("Another", key="b")
    house.world.tick()
    house.world.tick()
    assert house.world.paged()[-1] == "Dan"


def test_a_person_is_in_everybodys_way_only_while_active(house: House) -> None:
    go(house, everything(house, "ben"))
    assert [user.name for user in db.session.scalars(sa.select(User).where(~User.is_active))] == ["Ada"]
