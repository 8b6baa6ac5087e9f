"""My profile, my further addresses and the codes that prove them, and the people who find me by it."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace

import pytest
import sqlalchemy as sa
from apiflask import APIFlask

from app.database import db, transaction
from app.domain.words import ContactKind
from app.notices import mail
from app.people import contacts
from app.people.models import ContactMethod, User
from app.smtp import MailServer
from app.timeline.models import Event
from tests.support.browser_forms import post, visit
from tests.support.mail_server import MailBox, mail_server
from tests.support.telephone import Telephone, fault
from tests.support.world import World
from tests.web.conftest import SeenBy

HERE = "/me/profile"
GOOD = {
    "title": "Site reliability engineer", "skills": "Kafka, PostgreSQL, kafka", "quiet_from": "22:00",
    "quiet_until": "07:00", "sleep_from": "23:00", "sleep_until": "07:00",
}  # fmt: skip


@pytest.fixture
def box(app: APIFlask) -> Iterator[MailBox]:
    with mail_server() as running:
        app.config["settings"] = replace(app.config["settings"], smtp_url=running.url)
        yield running


def deliver(app: APIFlask) -> None:
    mail.send_due(MailServer.from_settings(app.config["settings"]))


def ada(world: World) -> User:
    db.session.rollback()
    return db.session.get_one(User, world.cast.ada.id)


def contact_of(world: World) -> ContactMethod:
    db.session.rollback()
    return db.session.scalars(sa.select(ContactMethod).where(ContactMethod.user_id == world.cast.ada.id)).one()


def test_L_USR_06_a_profile_is_kept_shown_and_found(app: APIFlask, world: World, seen_by: SeenBy) -> None:
    client = seen_by(world.cast.ada)
    assert post(client, HERE, GOOD, page=HERE).status_code == 303
    assert ada(world).skills == ["Kafka", "PostgreSQL"]
    assert ada(world).quiet_hours == {"from": "22:00", "until": "07:00"}
    assert 'value="22:00"' in client.get(HERE).text
    found = visit(app, world.cast.ben, "/people?q=kafka").text
    assert "Site reliability engineer" in found
    assert "1 person" in found
    assert "Nobody here matches" in visit(app, world.cast.ben, "/people?q=kafka+cobol").text
    assert "Kafka" in visit(app, world.cast.ben, f"/people/{world.cast.ada.id}").text
    kinds = [event.data for event in db.session.scalars(sa.select(Event).where(Event.subject_kind == "user"))]
    assert {"changed": ["quiet_hours", "skills", "sleep_hours", "title"]} in kinds


def test_L_USR_08_people_are_found_by_role_and_team(app: APIFlask, world: World) -> None:
    page = visit(app, world.cast.ben, "/people?role=manager&q=payments").text
    assert ("Mara" in page, "Cleo" in page, ">Ada<" in page) == (True, True, False)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"title": "x" * 101}, "title"),
        ({"skills": ",".join(f"s{n}" for n in range(21))}, "skills"),
        ({"skills": "x" * 41}, "skills"),
        ({"quiet_until": ""}, "quiet_from"),
        ({"sleep_from": "07:00"}, "sleep_from"),
    ],
)
def test_what_cannot_be_kept_is_said_beside_its_field_and_nothing_changes(
    world: World, seen_by: SeenBy, change: dict[str, str], field: str
) -> None:
    answer = post(seen_by(world.cast.ada), HERE, GOOD | change, page=HERE)
    assert answer.status_code == 422
    assert f'id="{field}-problem"' in answer.text
    assert ada(world).title == ""


def test_an_address_counts_only_after_the_code_that_was_mailed_there(
    app: APIFlask, world: World, seen_by: SeenBy, box: MailBox
) -> None:
    client = seen_by(world.cast.ada)
    post(client, f"{HERE}/contacts", {"kind": "email", "address": "Ada@Home.example"}, page=HERE)
    deliver(app)
    (letter,) = box.to("ada@home.example")
    found = re.search(r"\d{6}", letter.get_content())
    assert found is not None
    number = contact_of(world).id
    post(client, f"{HERE}/contacts/{number}/verification", {"code": "000000"}, page=HERE)
    assert contact_of(world).verified_at is None
    post(client, f"{HERE}/contacts/{number}/verification", {"code": f" {found.group()} "}, page=HERE)
    assert contact_of(world).verified_at == world.now
    assert "ada@home" not in json.dumps([event.data for event in db.session.scalars(sa.select(Event))])


def a_code(world: World) -> tuple[int, str]:
    with transaction():
        me = db.session.get_one(User, world.cast.ada.id)
        row = contacts.add(me, ContactKind.EMAIL, "ada@home.example", by=me, at=world.now)
        return row.id, contacts.new_code(row, at=world.now)


def verify(world: World, number: int, code: str) -> bool:
    with transaction():
        row = db.session.get_one(ContactMethod, number)
        return contacts.verify(row, code, by=row.user, at=world.now)


def test_after_five_guesses_even_the_right_code_is_over(world: World) -> None:
    number, code = a_code(world)
    wrong = "111111" if code != "111111" else "222222"
    assert [verify(world, number, wrong) for _ in range(5)] == [False] * 5
    assert not verify(world, number, code)


def test_a_code_is_over_after_a_quarter_of_an_hour_and_when_used(world: World) -> None:
    number, code = a_code(world)
    world.clock.advance(minutes=15, seconds=1)
    assert not verify(world, number, code)
    with transaction():
        code = contacts.new_code(db.session.get_one(ContactMethod, number), at=world.now)
    assert verify(world, number, code)
    assert not verify(world, number, code)


def test_codes_are_not_sent_by_the_dozen(app: APIFlask, world: World, seen_by: SeenBy, box: MailBox) -> None:
    client = seen_by(world.cast.ada)
    post(client, f"{HERE}/contacts", {"kind": "email", "address": "ada@home.example"}, page=HERE)
    number = contact_of(world).id
    post(client, f"{HERE}/contacts/{number}/code", {}, page=HERE)
    assert "less than a minute ago" in client.get(HERE).text
    deliver(app)
    assert len(box.letters) == 1


def test_a_number_says_honestly_that_it_cannot_be_verified(world: World, seen_by: SeenBy) -> None:
    client = seen_by(world.cast.ada)
    post(client, f"{HERE}/contacts", {"kind": "phone", "address": "0044 20 7946-0000"}, page=HERE)
    assert contact_of(world).address == "+442079460000"
    page = client.get(HERE).text
    assert "Cannot be verified yet: no provider sends text messages" in page
    assert post(client, f"{HERE}/contacts/{contact_of(world).id}/code", {}, page=HERE).status_code == 303
    assert contact_of(world).code_hash is None


def test_a_number_counts_after_the_code_that_was_texted_there_and_codes_are_few(
    app: APIFlask, world: World, seen_by: SeenBy
) -> None:
    client = seen_by(world.cast.ada)
    with Telephone() as telephone:
        app.config["settings"] = replace(app.config["settings"], **telephone.settings)
        post(client, f"{HERE}/contacts", {"kind": "phone", "address": "+44 20 7946 0000"}, page=HERE)
        number = contact_of(world).id
        code = telephone.texts[0]["Body"].partition(" ")[0]
        assert "Verified" not in client.get(HERE).text
        for _ in range(6):
            world.clock.advance(seconds=61)
            post(client, f"{HERE}/contacts/{number}/code", {}, page=HERE)
        assert len(telephone.texts) == contacts.MOST_CODES
        assert "6 codes in an hour are enough" in client.get(HERE).text
        post(client, f"{HERE}/contacts/{number}/verification", {"code": code}, page=HERE)
        assert contact_of(world).verified_at is None, "an older code is over"
        code = telephone.texts[-1]["Body"].partition(" ")[0]
        post(client, f"{HERE}/contacts/{number}/verification", {"code": code}, page=HERE)
        assert contact_of(world).verified_at == world.now
        world.clock.advance(hours=1)
        telephone.always(fault(400, 21211))
        post(client, f"{HERE}/contacts", {"kind": "phone", "address": "+44 20 7946 0001"}, page=HERE)
    assert "No code went out: 127.0.0.1 refuses the message (400): fault 21211" in client.get(HERE).text


@pytest.mark.parametrize(
    ("kind", "address"),
    [("email", "nobody"), ("email", "a@b.example\nBcc: x"), ("phone", "7946 0000"), ("pigeon", "a@b.example")],
)
def test_what_is_no_address_is_refused(world: World, seen_by: SeenBy, kind: str, address: str) -> None:
    answer = post(seen_by(world.cast.ada), f"{HERE}/contacts", {"kind": kind, "address": address}, page=HERE)
    assert answer.status_code == 422
    assert ada(world).contacts == []


def test_the_same_again_is_refused_and_another_persons_is_none(world: World, seen_by: SeenBy) -> None:
    client, wanted = seen_by(world.cast.ada), {"kind": "phone", "address": "+442079460000"}
    assert post(client, f"{HERE}/contacts", wanted, page=HERE).status_code == 303
    assert post(client, f"{HERE}/contacts", wanted, page=HERE).status_code == 422
    number, ben = contact_of(world).id, seen_by(world.cast.ben)
    for act in ("code", "verification", "removal"):
        assert post(ben, f"{HERE}/contacts/{number}/{act}", {"code": "1"}, page=HERE).status_code == 404
    assert post(client, f"{HERE}/contacts/{number}/removal", {}, page=HERE).status_code == 303
    assert ada(world).contacts == []


def test_a_stakeholder_sees_no_directory(app: APIFlask, world: World) -> None:
    assert visit(app, world.cast.eli, "/people").status_code == 403
    assert visit(app, world.cast.eli, HERE).status_code == 200
    assert visit(app, world.cast.ben, "/people/99").status_code == 404
