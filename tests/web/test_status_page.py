"""The status page: for whoever signs in, and with far less for whoever is outside (S-30, 128)."""

import re
from dataclasses import replace
from datetime import timedelta
from xml.etree import ElementTree

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app import clock
from app.alerts.models import Service
from app.database import db, transaction
from app.domain.words import Audience, MailState
from app.domain.zone import named
from app.incidents import queries, status, status_page, subscribers, update
from app.incidents.models import StatusSubscriber
from app.notices.mail import send_due
from app.notices.models import Mail
from app.people.models import Organisation
from app.smtp import MailServer
from tests.support.api import Api
from tests.support.browser_forms import post
from tests.support.mail_server import mail_server
from tests.support.world import World
from tests.web.conftest import SeenBy

PUBLIC, FEED = "/public/status", "/public/status/feed.atom"
ASK = "/public/status/subscribers"
WRITE, SEND = "/incidents/1/updates/new", "/incidents/1/updates"


@pytest.fixture
def setting_changes() -> dict[str, object]:
    return {"smtp_url": "smtp://127.0.0.1:2525", "status_url": "https://status.shop.example"}


@pytest.fixture
def open_page(world: World) -> World:
    """A SEV1 on checkout-api, which people outside know as Payments; the public page is open."""
    world.fire()
    world.promote(world.cast.ada)
    with transaction():
        db.session.get_one(Organisation, 1).is_status_public = True
        checkout = db.session.scalars(sa.select(Service).where(Service.name == "checkout-api")).one()
        checkout.public_name = "Payments"
    return world


def tell(world: World, issue: str = "Cards are refused.", audience: Audience = Audience.PUBLIC) -> None:
    with transaction():
        incident = queries.locked(1)
        assert incident is not None
        said = replace(update.draft(incident, world.now, named("Europe/London")), issue=issue)
        update.send(incident, said, audience=audience, by=db.session.merge(world.cast.ada), at=world.now)


def queued() -> list[Mail]:
    """Mail to people outside, in order."""
    outside = sa.select(Mail).where(Mail.user_id.is_(None)).order_by(Mail.id)
    return list(db.session.scalars(outside))


def ask(client: FlaskClient, address: str, *, of: str) -> TestResponse:
    """Somebody asks for mail, from the network's address `of`."""
    return client.post(ASK, data={"address": address}, environ_overrides={"REMOTE_ADDR": of})


def link_in(mail: Mail) -> str:
    found = re.search(r"https://status\.shop\.example(/public/status/subscribers/\S+)", mail.text)
    assert found is not None, mail.text
    return found[1]


def test_S30_whoever_signs_in_sees_how_every_service_is(open_page: World, seen_by: SeenBy) -> None:
    page = seen_by(open_page.cast.eli).get("/status")
    assert page.status_code == 200
    for words in ("1 service not as it should be.", "checkout-api", "Out of order", "/incidents/1/live"):
        assert words in page.text, words
    assert 'href="/status"' in page.text
    assert "Who may read the status page" not in page.text  # not a stakeholder's to choose
    with transaction():
        incident = queries.locked(1)
        assert incident is not None
        status.mitigate(incident, by=db.session.merge(open_page.cast.ada), at=clock.now())
    assert "Mended, being watched" in seen_by(open_page.cast.eli).get("/status").text


def test_people_outside_read_the_public_words_and_nothing_else(open_page: World, client: FlaskClient) -> None:
    tell(open_page, "Only we read this.", Audience.ORGANISATION)
    quiet = client.get(PUBLIC)
    assert "Working" in quiet.text  # nobody told the public of it yet
    tell(open_page)
    page, feed = client.get(PUBLIC), client.get(FEED)
    for shown in (page, feed):
        assert shown.headers["Cache-Control"] == "public, max-age=90"
        assert "Set-Cookie" not in shown.headers
        assert "Cookie" not in shown.headers.get("Vary", "")
        assert "Cards are refused." in shown.text
        assert "Payments" in shown.text
        for secret in ("Ada", "Checkout errors", "checkout-api", "INC-", "/incidents", "Only we", "SEV1"):
            assert secret not in shown.text, secret
    assert "Out of order" in page.text
    assert "12 Nov" in page.text
    assert feed.headers["Content-Type"] == "application/atom+xml; charset=utf-8"
    assert feed.text.count("<entry>") == 1
    open_page.clock.advance(days=31)
    assert "Nothing to tell." in client.get(PUBLIC).text


def test_RFC_4287_the_feed_is_one_that_every_reader_takes(open_page: World, client: FlaskClient) -> None:
    def of(node: ElementTree.Element, name: str) -> list[ElementTree.Element]:
        return node.findall(f"{{http://www.w3.org/2005/Atom}}{name}")

    for words in ("Cards are <refused> & slow.", "Cards work again."):
        open_page.clock.advance(minutes=5)
        tell(open_page, words)
    feed = ElementTree.fromstring(client.get(FEED).data)
    assert feed.tag == "{http://www.w3.org/2005/Atom}feed"
    links = {link.get("rel", "alternate"): link.get("href", "") for link in of(feed, "link")}
    assert links == {
        "alternate": f"https://status.shop.example{PUBLIC}",
        "self": f"https://status.shop.example{FEED}",
    }
    assert [name.text for author in of(feed, "author") for name in of(author, "name")] == [
        text.text.removesuffix(" status") for text in of(feed, "title") if text.text
    ]
    entries = of(feed, "entry")
    assert len(entries) == 2
    for node in (feed, *entries):
        for name in ("id", "title", "updated"):  # each exactly once, and not empty
            (found,) = of(node, name)
            assert found.text, name
        moment = of(node, "updated")[0].text or ""
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", moment), moment
    ids = [of(node, "id")[0].text or "" for node in (feed, *entries)]
    assert len(set(ids)) == 3
    assert all(re.match(r"https://|urn:[a-z0-9-]+:", each) for each in ids)
    assert of(feed, "updated")[0].text == of(entries[0], "updated")[0].text  # the newest is said first
    assert [of(entry, "content")[0].text for entry in entries] == [
        "Cards work again.",
        "Cards are <refused> & slow.",
    ]
    assert {of(entry, "content")[0].get("type") for entry in entries} == {"text"}
    tell(open_page, "All is well.")
    again = ElementTree.fromstring(client.get(FEED).data)
    assert {of(entry, "id")[0].text for entry in of(again, "entry")} > set(ids[1:])  # an entry keeps its id


def test_closed_there_is_no_public_page_and_only_administrators_open_it(
    open_page: World, seen_by: SeenBy, client: FlaskClient
) -> None:
    root, ada = seen_by(open_page.cast.root), seen_by(open_page.cast.ada)
    page = "/organisation/status-page"
    assert ada.get(page).status_code == 403
    assert post(root, page, {"open": "no"}, page=page).status_code == 303
    for path in (PUBLIC, FEED):
        assert client.get(path).status_code == 404
    assert ask(client, "zoe@example.org", of="198.51.100.1").status_code == 404
    with pytest.raises(status_page.NotForOutside, match="not open"):
        tell(open_page)
    assert "And the public" not in ada.get(WRITE).text
    for _ in range(2):
        assert post(root, page, {"open": "yes"}, page=page).status_code == 303
    assert "Payments" in root.get(page).text
    assert client.get(PUBLIC).status_code == 200


def test_an_update_that_names_somebody_does_not_go_outside_and_no_word_is_lost(
    open_page: World, seen_by: SeenBy, client: FlaskClient
) -> None:
    ada = seen_by(open_page.cast.ada)
    assert "And the public, who read What is wrong, nothing else" in ada.get(WRITE).text
    said = {"issue": "Ada mends the cards.", "audience": "public", "steps": "Rolled back."}
    refused = post(ada, SEND, said, page=WRITE)
    assert refused.status_code == 422
    assert "Leave this out of it: Ada. Nothing was sent." in refused.text
    assert "Ada mends the cards." in refused.text
    assert "Rolled back." in refused.text
    sent = post(ada, SEND, said | {"issue": "<b>Cards</b> fail."}, page=WRITE)
    assert sent.status_code == 303
    for path in (PUBLIC, FEED):
        assert "&lt;b&gt;Cards&lt;/b&gt; fail." in client.get(path).text  # SEC-20


def test_somebody_outside_asks_confirms_hears_and_leaves_by_one_press(
    open_page: World, client: FlaskClient
) -> None:
    for _ in range(2):  # a second press mails nobody again
        assert "Look into your mail" in ask(client, "Zoe@Example.org", of="198.51.100.2").text
    (asked,) = queued()
    assert asked.to_address == "zoe@example.org"
    tell(open_page, "Before they said yes.")
    assert len(queued()) == 1
    link = link_in(asked)
    assert "Yes, send it to me" in client.get(link).text
    assert subscribers.count() == 0  # a mail scanner looked
    for _ in range(2):
        assert client.post(f"{link}/confirmation").status_code == 200
    tell(open_page)
    (_, told) = queued()
    assert (told.subject, told.to_address) == ("Payments: Out of order", "zoe@example.org")
    assert "Cards are refused." in told.text
    assert "Ada" not in told.text
    assert "Send me no more" in client.get(link).text
    for status_code in (200, 404):
        left = client.post(f"{link}/removal", data={"List-Unsubscribe": "One-Click"})
        assert (left.status_code, "No more mail" in left.text) == (status_code, True)
    tell(open_page, "After they left.")
    assert len(queued()) == 2
    assert client.get(link).status_code == 404
    assert not db.session.scalars(sa.select(StatusSubscriber)).all()


def test_a_mail_program_finds_where_to_end_the_mail(open_page: World, client: FlaskClient) -> None:
    ask(client, "zoe@example.org", of="198.51.100.3")
    client.post(f"{link_in(queued()[0])}/confirmation")
    tell(open_page)
    leave = queued()[1].leave_url
    with mail_server() as box:
        while send_due(MailServer(box.url, sender="nightbell@shop.example")):
            pass
        (told,) = [each for each in box.letters if each["Subject"] == "Payments: Out of order"]
    assert told["List-Unsubscribe"] == f"<{leave}>"
    assert told["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert {mail.state for mail in queued()} == {MailState.SENT}


def test_bad_addresses_forged_links_and_floods_are_refused(open_page: World, client: FlaskClient) -> None:
    for bad in ("", "zoe", "zoe@example.org\r\nBcc: all@example.org", "a@b.c, d@e.f"):
        assert ask(client, bad, of="198.51.100.4").status_code == 422
    ask(client, "zoe@example.org", of="198.51.100.4")
    link = link_in(queued()[0])
    for forged in (f"{link}x", link.replace(".", "9.", 1), f"{ASK}/1.", f"{ASK}/{'9' * 40}.x"):
        assert client.get(forged).status_code == 404
        assert client.post(f"{forged}/confirmation").status_code == 404
        assert client.post(f"{forged}/removal").status_code == 404
    assert len(db.session.scalars(sa.select(StatusSubscriber)).all()) == 1
    with transaction():
        subscribers.subscribe("ben@example.org", at=clock.now() + timedelta(days=8))
    assert [row.address for row in db.session.scalars(sa.select(StatusSubscriber))] == ["ben@example.org"]
    answers = {ask(client, "zoe@example.org", of="198.51.100.5").status_code for _ in range(12)}
    assert 429 in answers


def test_at_its_own_name_the_status_page_answers_and_nothing_else(
    open_page: World, client: FlaskClient, seen_by: SeenBy
) -> None:
    there = {"base_url": "https://status.shop.example"}
    assert client.get("/", **there).headers["Location"] == PUBLIC
    assert client.get(PUBLIC, **there).status_code == 200
    for path in ("/login", "/status", "/incidents", "/api/v1/incidents", "/nothing"):
        assert seen_by(open_page.cast.root).get(path, **there).status_code == 404, path


def test_programs_read_how_every_service_is(open_page: World, client: FlaskClient) -> None:
    found = Api(client, open_page.cast.ada).get("/status").get_json()
    assert found["is_public"] is True
    (checkout,) = [each for each in found["components"] if each["name"] == "checkout-api"]
    assert (checkout["state"], checkout["public_name"]) == ("out", "Payments")
    assert [each["number"] for each in checkout["incidents"]] == [1]
