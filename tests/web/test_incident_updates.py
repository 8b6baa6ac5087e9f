"""Writing an update, by form and by program."""

import pytest
from flask.testing import FlaskClient

from app.domain.update import NAMES
from tests.support.api import Api
from tests.support.browser_forms import post
from tests.support.world import World
from tests.web.conftest import SeenBy

SCREEN, WRITE = "/incidents/1", "/incidents/1/updates/new"


@pytest.fixture
def declared(declared: World) -> World:
    """Ada has commanded incident 1 for eighteen minutes."""
    declared.clock.advance(minutes=18)
    return declared


def fields(**changes: str) -> dict[str, str]:
    said = dict.fromkeys(NAMES, "as it was") | {"audience": "responders", "after": "0", "next": "60"}
    return said | changes


def test_S49_to_S55_the_form_is_filled_names_its_readers_and_sends(declared: World, seen_by: SeenBy) -> None:
    client = seen_by(declared.cast.ada)
    assert "Next update due 03:40, in 12 min" in client.get(SCREEN).text
    page = client.get(WRITE).text
    for words in ("Checkout errors at 14 %. Most people cannot use it.", "checkout-api",
                  "Thu 12 Nov, 03:10 GMT, 18 min", "SEV1", "Detected, finding out why", "Nothing tried yet.",
                  "Ada leads", "Those who work on it: 4 readers"):  # fmt: skip
        assert words in page, words
    answer = post(client, "/incidents/1/updates", fields(issue="Cards fail"), page=WRITE)
    page = client.get(answer.location).text
    for words in ("Update 1 sent to 4 readers.", "Cards fail", "Next update due 04:28, in 1 h",
                  "Ada sent update 1 to 4 people"):  # fmt: skip
        assert words in page, words


def test_an_update_while_another_was_sent_loses_no_word_and_offers_to_put_both_together(
    declared: World, seen_by: SeenBy
) -> None:
    ada, ben = seen_by(declared.cast.ada), seen_by(declared.cast.ben)
    post(ada, "/incidents/1/updates", fields(issue="Cards fail", steps="Called the bank."), page=WRITE)
    mine = fields(issue="Cards fail", steps="Rolled back.")
    refused = post(ben, "/incidents/1/updates", mine, page=WRITE)
    assert refused.status_code == 409
    for words in ("Ada sent update 1 while you were writing.", "Called the bank.", "Rolled back.",
                  "Put both together", 'name="after" value="1"'):  # fmt: skip
        assert words in refused.text, words
    both = post(ben, "/incidents/1/updates", mine | {"act": "merge", "after": "1"}, page=WRITE)
    assert "Called the bank.\nRolled back." in both.text
    sent = post(ben, "/incidents/1/updates", mine | {"after": "1"}, page=WRITE)
    assert "Update 2 sent" in ben.get(sent.location).text


def test_bad_input_and_the_wrong_person(declared: World, seen_by: SeenBy) -> None:
    ada = seen_by(declared.cast.ada)
    for change in ({"issue": " "}, {"audience": "everybody"}):
        assert post(ada, "/incidents/1/updates", fields(**change), page=WRITE).status_code == 409
    assert ada.get("/incidents/9/updates/new").status_code == 404
    for person in (declared.cast.dan, declared.cast.eli):
        client = seen_by(person)
        assert client.get(WRITE).status_code == 403
        assert post(client, "/incidents/1/updates", fields(), page="/me/security").status_code == 403


def test_programs_send_what_fills_itself_and_hear_of_a_newer_one(declared: World, client: FlaskClient) -> None:
    ada = Api(client, declared.cast.ada)
    draft = ada.get("/incidents/1/update-draft").get_json()
    assert (draft["after"], draft["audience"], draft["severity"]) == (0, "organisation", "SEV1")
    made = ada.make("/incidents/1/updates", {"steps": "Rolled back.", "after": 0, "next_in_minutes": 0})
    assert (made["number"], made["steps"], made["next_at"]) == (1, "Rolled back.", None)
    late = Api(client, declared.cast.ben).post("/incidents/1/updates", {"steps": "Other", "after": 0})
    assert (late.status_code, "while you were writing" in late.get_json()["detail"]) == (409, True)
    assert len(Api(client, declared.cast.eli).get("/incidents/1/updates").get_json()["items"]) == 1
    assert ada.post("/incidents/1/updates", {"audience": "the moon"}).status_code == 422
    assert Api(client, declared.cast.dan).post("/incidents/1/updates", {}).status_code == 403
