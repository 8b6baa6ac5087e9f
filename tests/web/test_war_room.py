"""The war room of an incident: a chat and a call, by a tap or by a rule (S-32, S-33, L-WRK-04, L-WRK-07)."""

from dataclasses import replace

import sqlalchemy as sa
from apiflask import APIFlask
from flask.testing import FlaskClient

from app import clock
from app.database import db, transaction
from app.domain.response_rule import Act, Action
from app.engine import jobs
from app.incidents import queries, response_rules, war_room
from app.incidents.models import IncidentRoom
from app.notices.models import Notice
from app.people.models import Organisation
from app.timeline.models import Event
from tests.support.api import Api
from tests.support.browser_forms import post
from tests.support.far_end import Says
from tests.support.slack import SlackWorkspace
from tests.support.world import World
from tests.web.conftest import SeenBy

SCREEN, LIVE, ROOMS = "/incidents/1", "/incidents/1/live", "/incidents/1/rooms"
SETTINGS = "/organisation/war-room"
BOTH = {
    "chat_provider": "teams", "chat_address": "https://teams.microsoft.com/l/channel/sev",
    "call_provider": "jitsi", "call_address": "https://meet.jit.si/inc-{number}-{secret}",
    "fallback": "+44 20 7946 0000, code 12",
}  # fmt: skip


def meets_on(**template: str) -> None:
    with transaction():
        db.session.get_one(Organisation, 1).war_room = template


def room() -> IncidentRoom:
    return db.session.scalars(
        sa.select(IncidentRoom).where(IncidentRoom.use == "chat").execution_options(populate_existing=True)
    ).one()


def told(event: str = "room_opened") -> list[str]:
    return list(db.session.scalars(sa.select(Notice.title).where(Notice.event == event).order_by(Notice.id)))


def happened(kind: str) -> list[dict[str, object]]:
    return list(db.session.scalars(sa.select(Event.data).where(Event.kind == kind).order_by(Event.id)))


def test_S32_S33_L_WRK_04_one_tap_opens_chat_and_call_for_all_to_join(declared: World, seen_by: SeenBy) -> None:
    root, ada, eli = (seen_by(user) for user in (declared.cast.root, declared.cast.ada, declared.cast.eli))
    assert "Open the war room" not in ada.get(SCREEN).text  # none is set up
    refused = post(ada, ROOMS, {}, page=SCREEN)
    assert (refused.status_code, "An administrator does that" in refused.text) == (409, True)
    assert post(root, SETTINGS, BOTH, page=SETTINGS).status_code == 303
    assert BOTH["fallback"] in ada.get(SCREEN).text  # before anything is opened, too
    post(eli, "/incidents/1/subscription", {"watch": "yes"}, page=LIVE)
    for _ in range(2):
        assert post(ada, ROOMS, {}, page=SCREEN).status_code == 303
    assert "Open the war room" not in ada.get(SCREEN).text
    call = next(each["address"] for each in happened("room_opened") if each["use"] == "call")
    assert str(call).startswith("https://meet.jit.si/inc-1-")
    assert len(str(call)) == len("https://meet.jit.si/inc-1-") + 16
    for page in (ada.get(SCREEN).text, eli.get(LIVE).text):
        assert f'href="{BOTH["chat_address"]}" target="_blank" rel="noopener noreferrer"' in page
        assert f'href="{call}"' in page
        assert BOTH["fallback"] in page
    assert len(happened("room_opened")) == 2
    assert told() == ["War room: Checkout errors at 14 %"]  # Eli; not Ada, who opened it (L-NOT-07)


def test_bad_addresses_and_wrong_people_are_refused(declared: World, seen_by: SeenBy) -> None:
    root, eli = seen_by(declared.cast.root), seen_by(declared.cast.eli)
    meets_on(**BOTH)
    assert post(eli, ROOMS, {}, page=LIVE).status_code == 403
    assert seen_by(declared.cast.ada).get(SETTINGS).status_code == 403
    wrong = post(root, SETTINGS, BOTH | {"call_address": "javascript:alert(1)"}, page=SETTINGS)
    assert (wrong.status_code, "An address that begins with https://" in wrong.text) == (422, True)
    without = post(root, SETTINGS, {"chat_provider": "slack", "chat_address": ""}, page=SETTINGS)
    assert (without.status_code, "NIGHTBELL_SLACK_TOKEN" in without.text) == (422, True)


def test_L_WRK_07_a_rule_opens_it_without_anybody(world: World) -> None:
    meets_on(**BOTH)
    with transaction():
        response_rules.create(
            name="Meet", conditions=(), needs_all=True, actions=(Action(Act.PROMOTE), Action(Act.OPEN_ROOM)),
            stops=False, by=db.session.merge(world.cast.mara), at=clock.now(),
        )  # fmt: skip
    world.fire()
    jobs.run_response_rules()
    assert {each["rule"] for each in happened("room_opened")} == {"Meet"}
    assert len(happened("room_opened")) == 2


def test_slack_makes_a_channel_of_its_own(declared: World, seen_by: SeenBy, slack: SlackWorkspace) -> None:
    slack.channels.append("inc-1-checkout-errors-at-14")  # a stranger's, from an earlier life: not taken over
    ada = seen_by(declared.cast.ada)
    meets_on(chat_provider="slack")
    post(ada, ROOMS, {}, page=SCREEN)
    assert "being made" in ada.get(SCREEN).text
    assert (jobs.channels_wait(), jobs.make_channels()) == (1, 1)
    assert (room().address, jobs.channels_wait()) == (None, 0)
    declared.clock.advance(seconds=15)
    assert jobs.make_channels() == 1
    assert slack.channels[1:] == ["inc-1-checkout-errors-at-14-2"]
    assert room().address == "https://slack.com/app_redirect?channel=C00000002"
    assert "#inc-1-checkout-errors-at-14-2" in ada.get(SCREEN).text
    assert jobs.make_channels() == 0


def test_what_slack_refuses_is_said_and_can_be_asked_again(
    declared: World, seen_by: SeenBy, slack: SlackWorkspace, app: APIFlask
) -> None:
    ada = seen_by(declared.cast.ada)
    meets_on(chat_provider="slack")
    strict, right = slack.judge, app.config["settings"]
    app.config["settings"] = replace(right, slack_token="xoxb-revoked")
    post(ada, ROOMS, {}, page=SCREEN)
    jobs.make_channels()
    assert "Slack says invalid_auth" in ada.get(SCREEN).text
    assert "xoxb" not in str(happened("room_failed"))
    app.config["settings"] = right
    slack.always(Says(503))
    assert post(ada, ROOMS, {}, page=SCREEN).status_code == 303
    jobs.make_channels()
    assert room().problem == "Slack answered 503"
    slack.judge = strict
    declared.clock.advance(minutes=1)
    jobs.make_channels()
    assert (room().problem, room().name) == (None, "#inc-1-checkout-errors-at-14-3")


def test_SEC1_the_way_to_slack_is_the_hardened_one(declared: World, slack: SlackWorkspace) -> None:
    meets_on(chat_provider="slack")
    slack.always(Says(302, b"", {"Location": "http://169.254.169.254/latest/meta-data"}))
    with transaction():
        incident = queries.locked(1)
        assert incident is not None
        war_room.open_rooms(incident, by=db.session.merge(declared.cast.ada), at=clock.now())
    jobs.make_channels()
    assert len(slack.came) == 1
    assert "302" in (room().problem or "")


def test_programs_open_and_read_it(declared: World, client: FlaskClient) -> None:
    meets_on(**BOTH)
    ada = Api(client, declared.cast.ada)
    assert ada.get("/incidents/1/rooms").get_json() == {"items": [], "fallback": BOTH["fallback"]}
    made = ada.post("/incidents/1/rooms", {}).get_json()["items"]
    assert [(each["use"], each["provider"]) for each in made] == [("chat", "teams"), ("call", "jitsi")]
    assert len(ada.post("/incidents/1/rooms", {}).get_json()["items"]) == 2
    assert Api(client, declared.cast.eli).post("/incidents/1/rooms", {}).status_code == 403


def test_two_engines_ask_for_a_channel_once(declared: World, seen_by: SeenBy, slack: SlackWorkspace) -> None:
    meets_on(chat_provider="slack")
    post(seen_by(declared.cast.ada), ROOMS, {}, page=SCREEN)
    with transaction():
        assert len(war_room.claim_due(clock.now())) == 1  # the first engine's, which is asking
    assert jobs.make_channels() == 0
    assert slack.came == []
    declared.clock.advance(minutes=1)  # it died: another one asks
    assert jobs.make_channels() == 1
