"""What a device is sent, and what it says."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.words import PageKind, Urgency
from app.paging import payload
from app.paging.channels.channel import Message

NOW = datetime(2026, 11, 12, 3, 11, tzinfo=UTC)  # a Thursday
TOKEN = "k" * 43
PAGE = Message(
    kind=PageKind.PAGE,
    page="p-91",
    delivery="d-17",
    subject_kind="alert",
    subject_id=12,
    title="Checkout errors at 14 % · Critical",
    body="checkout-api since 03:10 GMT. Goes to Ben at 03:16.",
    token=TOKEN,
    base_url="https://pager.example.com",
    urgency=Urgency.HIGH,
    expires_at=NOW + timedelta(hours=24),
    until=NOW + timedelta(minutes=5),
    severity="critical",
    service="checkout-api",
    started_at=NOW - timedelta(minutes=1),
)


def decoded(message: Message) -> dict[str, Any]:
    return dict(json.loads(payload.encode(message)))


def test_a_page_is_one_payload_for_sw_js_and_for_declarative_web_push() -> None:
    url = f"https://pager.example.com/alerts/12#t={TOKEN}"
    assert decoded(PAGE) == {
        "web_push": 8030,
        "mutable": True,
        "notification": {
            "title": "Checkout errors at 14 % · Critical",
            "body": "checkout-api since 03:10 GMT. Goes to Ben at 03:16.",
            "navigate": url,
            "lang": "en",
            "dir": "auto",
            "tag": "alert-12",
            "silent": False,
            "requireInteraction": True,
            "renotify": True,
            "mutable": True,
            "data": {
                "v": 1,
                "kind": "page",
                "page": "p-91",
                "delivery": "d-17",
                "alert": "12",
                "receipt_url": f"https://pager.example.com/r/{TOKEN}",
                "url": url,
                "exp": 1794539460,
                "card": {
                    "title": "Checkout errors at 14 % · Critical",
                    "severity": "critical",
                    "service": "checkout-api",
                    "since": "2026-11-12T03:10:00+00:00",
                    "says": "checkout-api since 03:10 GMT. Goes to Ben at 03:16.",
                },
            },
            "actions": [{"action": "ack", "title": "Acknowledge", "navigate": url}],
        },
    }


def test_SEC8_a_private_screen_shows_nothing_and_the_data_still_draws_the_page() -> None:
    private, open_ = decoded(replace(PAGE, is_private=True)), decoded(PAGE)
    assert private["notification"]["data"] == open_["notification"]["data"]
    visible = {key: value for key, value in private["notification"].items() if key != "data"}
    assert (visible["title"], visible["body"]) == ("New page", "Open to view.")
    assert "heckout" not in json.dumps(visible)
    assert "Ben" not in json.dumps(visible)


def test_INV7_a_notice_takes_the_place_of_its_page_without_ringing_again() -> None:
    shown = decoded(replace(PAGE, kind=PageKind.NOTICE, page="p-92", title="Ben has it"))["notification"]
    assert shown["tag"] == "alert-12"
    assert (shown["renotify"], shown["requireInteraction"]) == (False, False)
    assert "actions" not in shown
    assert shown["title"] == "Ben has it"


def test_D11_a_handoff_is_answered_on_its_notification_and_a_reminder_rings_again() -> None:
    asked = replace(PAGE, kind=PageKind.NOTICE, subject_kind="handoff", subject_id=4)
    shown = decoded(asked)["notification"]
    url = f"https://pager.example.com/handoff/4#t={TOKEN}"
    assert shown["actions"] == [{"action": "ack", "title": "I have it", "navigate": url}]
    assert shown["renotify"]


def test_a_low_page_does_not_stay_on_the_screen_by_force() -> None:
    assert decoded(replace(PAGE, urgency=Urgency.LOW))["notification"]["requireInteraction"] is False


@given(
    st.text(max_size=3000),
    st.text(max_size=3000),
    st.text(max_size=300),
    st.sampled_from([None, "critical", "error", "warning", "info"]),
    st.booleans(),
    st.sampled_from(PageKind),
)
def test_whatever_an_alert_says_the_payload_is_small_whole_and_readable(
    title: str, body: str, service: str, severity: str | None, hide: bool, kind: PageKind
) -> None:
    message = replace(PAGE, kind=kind, title=title, body=body, service=service, severity=severity)
    encoded = payload.encode(replace(message, is_private=hide))
    assert len(encoded) <= payload.LIMIT
    shown = json.loads(encoded)["notification"]
    assert shown["data"]["receipt_url"] == f"https://pager.example.com/r/{TOKEN}"
    assert not any(ord(c) < 32 or c in "\u202e\u2066\ufeff" for c in shown["title"] + shown["body"])


@pytest.mark.parametrize("letter", ["x", "ä", "界", "🙂", '"', "\\", "e\u0301"])
def test_a_long_text_is_cut_between_characters_and_uses_the_room_there_is(letter: str) -> None:
    encoded = payload.encode(replace(PAGE, title=letter * 2000, body=letter * 2000))
    assert 1900 < len(encoded) <= payload.LIMIT
    shown = json.loads(encoded)["notification"]
    for text in (shown["title"], shown["body"], shown["data"]["card"]["title"], shown["data"]["card"]["says"]):
        assert text.endswith("…")
        assert not text.removesuffix("…").replace(letter, "")


def test_a_lone_surrogate_does_not_stop_a_page() -> None:
    assert "full" in decoded(replace(PAGE, title="disk \ud800full"))["notification"]["title"]


def test_a_topic_is_the_same_for_everything_about_one_alert_and_fits_the_header() -> None:
    topic = payload.topic("alert", 12)
    assert topic == payload.topic("alert", 12)
    assert topic != payload.topic("alert", 13)
    assert len(topic) == 22
    assert set(topic) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")


def test_a_page_becomes_the_same_push_each_time_it_is_sent() -> None:
    first, again = (payload.build(PAGE) for _ in range(2))
    assert first == again
    assert first.body == payload.encode(PAGE)
    assert (first.urgency, first.topic) == ("high", payload.topic("alert", 12))


def test_only_a_low_page_may_wait_for_a_dozing_phone() -> None:
    def urgency(kind: PageKind, urgency: Urgency) -> str:
        return payload.build(replace(PAGE, kind=kind, urgency=urgency)).urgency

    assert urgency(PageKind.PAGE, Urgency.HIGH) == "high"
    assert urgency(PageKind.PAGE, Urgency.LOW) == "normal"
    assert urgency(PageKind.TEST, Urgency.LOW) == "high"


def test_a_test_page_leads_to_the_persons_devices_and_asks_for_no_acknowledgement() -> None:
    shown = decoded(replace(PAGE, kind=PageKind.TEST, subject_kind="user", title=payload.TEST_TITLE))[
        "notification"
    ]
    assert shown["data"]["url"] == f"https://pager.example.com/me/devices#t={TOKEN}"
    assert "actions" not in shown
    assert shown["renotify"]
