"""A message that got a pin in an incident's channel is in its timeline: once, signed, with its own time."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from apiflask import APIFlask
from flask.testing import FlaskClient

from app.database import db, transaction
from app.engine import jobs
from app.incidents import queries, war_room
from app.people.models import Organisation
from tests.support.browser_forms import post
from tests.support.far_end import Says
from tests.support.slack import SECRET, SlackWorkspace, tells
from tests.support.world import World
from tests.web.conftest import SeenBy

SCREEN, CHANNEL = "/incidents/1", "C00000001"


@pytest.fixture
def talked(declared: World, slack: SlackWorkspace, seen_by: SeenBy) -> World:
    """Incident 1 has its channel; Ben wrote there three minutes ago."""
    with transaction():
        db.session.get_one(Organisation, 1).war_room = {"chat_provider": "slack"}
    post(seen_by(declared.cast.ada), f"{SCREEN}/rooms", {}, page=SCREEN)
    jobs.make_channels()
    slack.emails["UBEN"] = declared.cast.ben.email
    slack.writes(CHANNEL, ts(declared), "The <https://grafana.example/d/1|graph> fell &amp; stays", user="UBEN")
    return declared


def ts(world: World, ago: float = 180) -> str:
    return f"{(world.now - timedelta(seconds=ago)).timestamp():.6f}"


def pin(
    message: str, *, channel: str = CHANNEL, reaction: str = "pushpin", number: str = "Ev1"
) -> dict[str, Any]:
    item = {"type": "message", "channel": channel, "ts": message}
    event = {"type": "reaction_added", "reaction": reaction, "user": "UADA", "item": item}
    return {"type": "event_callback", "event_id": number, "event": event}


def seconds(world: World, ago: int = 0) -> int:
    return int(world.now.timestamp()) - ago


def told(client: FlaskClient) -> list[dict[str, Any]]:
    entries = json.loads(client.get(f"{SCREEN}/export?as=json").text)["entries"]
    return [each for each in entries if each["kind"] == "noted"]


def test_S32_a_message_with_a_pin_is_an_entry_once_by_who_wrote_it_and_when(
    talked: World, slack: SlackWorkspace, client: FlaskClient, seen_by: SeenBy
) -> None:
    said = ts(talked)
    for number in ("Ev1", "Ev1", "Ev2"):  # sent again, and pinned by another
        assert tells(client, pin(said, number=number), at=seconds(talked)).status_code == 200
    native = {"type": "pin_added", "user": "UADA", "channel_id": CHANNEL}
    native |= {"item": {"type": "message", "channel": CHANNEL, "message": {"ts": said}}}
    assert tells(client, {"type": "event_callback", "event": native}, at=seconds(talked)).status_code == 200
    assert [(each["says"], each["text"], each["happened_at"]) for each in told(seen_by(talked.cast.ada))] == [
        ("Ben wrote in Slack", "The graph (https://grafana.example/d/1) fell & stays",
         (talked.now - timedelta(minutes=3)).isoformat())
    ]  # fmt: skip
    page = seen_by(talked.cast.ada).get(SCREEN).text
    assert "Ben wrote in Slack" in page
    assert "offline" not in page.partition("Ben wrote in Slack")[2][:200]


def test_a_native_pin_and_one_who_is_nobody_here(
    talked: World, slack: SlackWorkspace, client: FlaskClient, seen_by: SeenBy
) -> None:
    slack.writes(CHANNEL, "1700000000.000200", "<@UZOE> deploys; <!here> look", user="UZOE")
    native = {
        "type": "pin_added",
        "channel_id": CHANNEL,
        "item": {"type": "message", "message": {"ts": "1700000000.000200"}},
    }
    assert tells(client, {"type": "event_callback", "event": native}, at=seconds(talked)).status_code == 200
    entry = told(seen_by(talked.cast.ada))[0]
    assert (entry["says"], entry["text"]) == ("Somebody wrote in Slack", "@UZOE deploys; @here look")


def test_hostile_words_are_only_words(
    talked: World, slack: SlackWorkspace, client: FlaskClient, seen_by: SeenBy
) -> None:
    slack.writes(
        CHANNEL, "1700000000.000300", "<script>alert(1)</script>\u202e &lt;img src=x onerror=alert(1)&gt;"
    )
    tells(client, pin("1700000000.000300"), at=seconds(talked))
    page = seen_by(talked.cast.ada).get(SCREEN).text
    assert "Somebody wrote in Slack" in page
    for bad in ("<script>alert", "<img src=x", "\u202e"):
        assert bad not in page


def test_slack_proves_the_address_before_it_sends(
    slack: SlackWorkspace, talked: World, client: FlaskClient
) -> None:
    asked = {"type": "url_verification", "challenge": "3eZbrw1aB10FEMAGAZd4FyFQ", "token": "old"}
    assert tells(client, asked, at=seconds(talked)).get_json() == {"challenge": "3eZbrw1aB10FEMAGAZd4FyFQ"}
    assert tells(client, asked, at=seconds(talked), secret="another").status_code == 403


@pytest.mark.parametrize("ago", [301, -301, 400_000_000])
def test_SEC6_what_is_older_than_five_minutes_or_from_ahead_is_refused(
    talked: World, client: FlaskClient, seen_by: SeenBy, ago: int
) -> None:
    assert tells(client, pin(ts(talked)), at=seconds(talked, ago)).status_code == 403
    assert not told(seen_by(talked.cast.ada))
    assert tells(client, pin(ts(talked)), at=seconds(talked, 299)).status_code == 200


def test_SEC6_what_slack_did_not_sign_is_refused(
    talked: World, client: FlaskClient, seen_by: SeenBy, app: APIFlask
) -> None:
    assert tells(client, pin(ts(talked)), at=seconds(talked), secret=SECRET[::-1]).status_code == 403
    for stamp in ("", "x", "٣", "1" * 40):
        headers = {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": "v0=é"}
        assert client.post("/slack/events", json=pin(ts(talked)), headers=headers).status_code == 403
    assert client.post("/slack/events", data=b"x" * 100_001).status_code == 413
    assert not told(seen_by(talked.cast.ada))
    app.config["settings"] = replace(app.config["settings"], slack_signing_secret=None)
    assert tells(client, pin(ts(talked)), at=seconds(talked)).status_code == 404


def test_other_emojis_channels_and_nonsense_change_nothing(
    talked: World, slack: SlackWorkspace, client: FlaskClient, seen_by: SeenBy
) -> None:
    asked = len(slack.came)
    said = ts(talked)
    event: dict[str, Any] = {"type": "reaction_added", "reaction": "pushpin"}
    for each in (
        pin(said, reaction="eyes"), pin(said, channel="C99999999"), pin("1; drop"), {"type": "event_callback"},
        {"type": "event_callback", "event": event}, {"type": "event_callback", "event": event | {"item": 7}},
        {"type": "app_rate_limited"}, {},
    ):  # fmt: skip
        assert tells(client, each, at=seconds(talked)).status_code == 200
    assert len(slack.came) == asked  # a stranger's channel is not even read
    assert tells(client, pin("1700000000.000999"), at=seconds(talked)).status_code == 200  # gone meanwhile
    assert not told(seen_by(talked.cast.ada))


def test_while_slack_does_not_answer_it_is_told_to_send_it_again(
    talked: World, slack: SlackWorkspace, client: FlaskClient, seen_by: SeenBy
) -> None:
    strict = slack.judge
    for broken in (Says(503), Says(200, b"<html>"), Says(200, b'{"ok": false, "error": "ratelimited"}')):
        slack.always(broken)
        assert tells(client, pin(ts(talked)), at=seconds(talked)).status_code == 503
    slack.judge = strict
    assert tells(client, pin(ts(talked)), at=seconds(talked)).status_code == 200
    assert len(told(seen_by(talked.cast.ada))) == 1


def test_a_removed_incident_takes_none(talked: World, client: FlaskClient) -> None:
    with transaction():
        incident = queries.locked(1)
        assert incident is not None
        assert war_room.rooms(incident)
        incident.removed_at = talked.now
    assert tells(client, pin(ts(talked)), at=seconds(talked)).status_code == 200
