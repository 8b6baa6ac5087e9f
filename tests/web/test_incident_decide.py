"""Decide, by form and by program."""

from flask.testing import FlaskClient

from tests.support.api import Api
from tests.support.browser_forms import post
from tests.support.world import World
from tests.web.conftest import SeenBy

SCREEN = "/incidents/1"
OPTION = {"what": "Roll back to the 11 Nov build", "risk": "low", "rationale": "Errors began after the deploy",
          "kind": "mitigation", "takes_minutes": "3", "can_be_undone": "yes"}  # fmt: skip


def do(client: FlaskClient, path: str, fields: dict[str, str], *, status: int = 303) -> str:
    answer = post(client, f"{SCREEN}/{path}", fields, page=SCREEN)
    assert answer.status_code == status, answer.text
    return client.get(answer.location).text if status == 303 else answer.text


def test_S44_S45_the_commander_sees_risk_and_reason_and_approves_others_see_who_decides(
    declared: World, seen_by: SeenBy
) -> None:
    ada, ben = seen_by(declared.cast.ada), seen_by(declared.cast.ben)
    assert "Next: Collect what people see" in ada.get(SCREEN).text
    do(ben, "symptoms", {"text": "502 from the auth gateway"})
    page = do(ben, "options", OPTION)
    assert "Ada decides." in page
    assert "Approve" not in page
    page = ada.get(SCREEN).text
    for words in ("1 waits for you", "Low risk", "short-term fix", "Takes 3 min, can be undone", "Approve",
                  "Not this one", "Next: Decide on 1 option", "502 from the auth gateway"):  # fmt: skip
        assert words in page, words
    assert "Ada decides" in do(ben, "options/1/approval", {}, status=409)
    assert "Start" in do(ada, "options/1/approval", {})
    assert "Ben is doing it since 04:10" in do(ben, "options/1/start", {})
    page = do(ben, "options/1/result", {"outcome": "worked", "result": "14 % to 1 %"})
    assert "Round 1 · short-term fix, tried 04:10, worked: 14 % to 1 %" in page
    assert "Round 2: what do we try?" in page
    assert "It worked" in page


def test_S38_a_bypass_asks_why_and_is_marked(declared: World, seen_by: SeenBy) -> None:
    ben = seen_by(declared.cast.ben)
    do(ben, "options", OPTION)
    assert "Say why it cannot wait" in do(ben, "options/1/start", {}, status=409)
    page = do(ben, "options/1/start", {"bypass": "Carts are being lost"})
    assert "Ben acts without the commander&#39;s approval" in page
    assert "without approval" in page


def test_bad_input_and_the_wrong_person_are_refused_in_words(declared: World, seen_by: SeenBy) -> None:
    ada = seen_by(declared.cast.ada)
    for change in ({"risk": "none"}, {"kind": ""}, {"takes_minutes": "soon"}, {"what": " "}, {"rationale": ""}):
        do(ada, "options", OPTION | change, status=409)
    do(ada, "options", OPTION)
    do(ada, "options/1/result", {"outcome": "fine"}, status=409)
    do(ada, "options/99/approval", {}, status=404)
    assert "declined 03:10, drops 300 carts" in do(ada, "options/1/refusal", {"because": "drops 300 carts"})
    assert "declined, so you cannot withdraw it" in do(ada, "options/1/withdrawal", {}, status=409)
    dan, eli = seen_by(declared.cast.dan), seen_by(declared.cast.eli)
    for path in ("symptoms", "options", "options/1/approval", "options/1/start", "options/1/result"):
        fields = OPTION | {"text": "x", "outcome": "worked"}
        for client in (dan, eli):
            assert post(client, f"{SCREEN}/{path}", fields, page="/me/security").status_code == 403, path


def test_S42_programs_propose_decide_and_record(declared: World, client: FlaskClient) -> None:
    ada, ben = Api(client, declared.cast.ada), Api(client, declared.cast.ben)
    draft = {"what": "Roll back", "risk": "low", "rationale": "Began after the deploy", "kind": "permanent"}
    ben.make("/incidents/1/symptoms", {"text": "502"})
    assert ben.make("/incidents/1/options", draft)["state"] == "proposed"
    assert ben.post("/incidents/1/options/1/approval").status_code == 409
    assert ada.post("/incidents/1/options/1/approval").get_json()["decided_by"]["name"] == "Ada"
    assert ben.post("/incidents/1/options/1/start", {}).get_json()["state"] == "doing"
    result = {"outcome": "worked", "result": "1 %"}
    assert ben.post("/incidents/1/options/1/result", result).get_json()["outcome"] == "worked"
    assert ben.make("/incidents/1/options", draft | {"what": "Restart"})["round"] == 2
    assert ben.post("/incidents/1/options/2/withdrawal").get_json()["state"] == "withdrawn"
    assert ada.post("/incidents/1/options/2/refusal", {}).status_code == 409
    shown = Api(client, declared.cast.eli).get("/incidents/1/options").get_json()
    assert (shown["round"], len(shown["symptoms"]), len(shown["options"])) == (2, 1, 2)
    assert ada.post("/incidents/1/options/9/approval").status_code == 404
