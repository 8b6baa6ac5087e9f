"""SEC-34: after a person is forgotten no table holds their name, address, number, device or key."""

import json
from datetime import timedelta

import pytest
import sqlalchemy as sa

from app import clock
from app.database import Base, db, transaction
from app.domain.lifecycle import InvalidTransition
from app.leaving.duties import duties_of
from app.leaving.forget import forget
from app.leaving.hand_over import leave
from app.leaving.own_data import own_data
from app.notices import news
from app.oncall import time_off
from app.people import contacts, profile, sessions, tokens
from app.people.models import User
from tests.leaving.conftest import House

NAME, EMAIL, PHONE, HOME = "Adaline Okafor", "adaline@okafor.example", "+442079460000", "home@okafor.example"


@pytest.fixture
def gone(house: House) -> User:
    """Ada under a name that stands for nobody else, with something everywhere; she has left."""
    with transaction():
        at, ada, root = clock.now(), house.user("ada"), house.user("root")
        ada.name, ada.email = NAME, EMAIL
        profile.change_profile(ada, title="Engineer Okafor", skills="Okaforism", quiet=("", ""), sleep=("", ""),
                               by=ada, at=at)  # fmt: skip
        contacts.add(ada, "phone", PHONE, by=ada, at=at)
        contacts.add(ada, "email", HOME, by=ada, at=at)
        sessions.start(ada, device="Firefox on Linux", at=at)
        tokens.create(ada, name="Okafor's report", scopes=["read"], at=at)
        for device in (house.world.cast.devices["Ada"],):
            db.session.merge(device).device = "Okafor's phone"
        time_off.add(user_id=ada.id, start=at + timedelta(days=30), end=at + timedelta(days=31),
                     note="Okafor wedding", by=ada, at=at)  # fmt: skip
        news.membership(house.world.cast.payments, house.user("ben"), None, by=ada, at=at)
    with transaction():
        ada, root, at = house.user("ada"), house.user("root"), clock.now()
        ben = house.user("ben").id
        leave(ada, {duty.key: ben for duty in duties_of(ada, at=at)}, by=root, at=at)
    return house.user("ada")


def dump() -> str:
    """Every row of every table, as text."""
    db.session.rollback()
    rows = []
    for table in Base.metadata.sorted_tables:
        for row in db.session.execute(sa.select(table)).mappings():
            rows.append(json.dumps({table.name: dict(row)}, default=str, ensure_ascii=False))
    return "\n".join(rows)


def told(house: House) -> None:
    with transaction():
        forget(house.user("ada"), by=house.user("root"), at=clock.now())


def test_SEC34_nothing_of_the_person_is_left_in_any_table(house: House, gone: User) -> None:
    assert all(word in dump() for word in (NAME, EMAIL, PHONE, HOME))
    told(house)
    left = [line for line in dump().splitlines() if "okafor" in line.lower() or PHONE in line]
    assert left == []
    assert 'updates.push.services.mozilla.com/wpush/v2/1"' not in dump()
    assert f"Former member {gone.id}" in dump()


def test_a_tombstone_stands_in_history_and_holds_nothing(house: House, gone: User) -> None:
    told(house)
    told(house)  # twice is once
    ada = house.user("ada")
    assert (ada.name, ada.is_active, ada.password_hash) == (f"Former member {ada.id}", False, None)
    assert house.world.alert().acknowledged_by_id in (None, house.user("ben").id)


def test_somebody_who_is_still_here_is_not_forgotten(house: House) -> None:
    with pytest.raises(InvalidTransition, match="still here"):
        told(house)
    assert house.user("ada").name == "Ada"


def test_ones_own_data_is_complete_and_lets_nobody_in(house: House, gone: User) -> None:
    found = json.dumps(own_data(gone))
    assert all(word in found for word in (NAME, EMAIL, PHONE, "Okafor's phone", "Okafor's report"))
    assert not any(word in found for word in ("token_hash", "p256dh", "code_hash", "password_hash"))
