"""What each chat is sent, and that no alert can ring everybody there or dress up a link."""

import json
from dataclasses import replace
from typing import Any

import pytest

from app.domain.words import ChannelKind, Urgency
from app.paging.channels.channel import To
from app.paging.channels.chat import CHATS, Request, filled, problem_of, written
from tests.paging.channels.test_contract import MESSAGE

ROOM = replace(MESSAGE, token="")  # a room that many read gets no token
LINK = "https://pager.example.com/alerts/12"
NASTY = '<!channel> @all <users/all> [x](http://evil.example) "}], {{severity}} {{7*7}}'


def request(kind: ChannelKind, message: Any = ROOM, **details: str) -> Request:
    return written(message, To(kind, "https://chat.example/hook", {"room": "-100", **details}))


def said(kind: ChannelKind, message: Any = ROOM, **details: str) -> Any:
    return json.loads(request(kind, message, **details).body)


def test_each_chat_gets_what_its_service_documents() -> None:
    slack = said(ChannelKind.SLACK)
    assert slack["text"] == "Checkout errors at 14 % · Critical"
    assert [block["type"] for block in slack["blocks"]] == ["header", "section", "actions"]
    assert slack["blocks"][2]["elements"][0]["url"] == LINK
    card = said(ChannelKind.TEAMS)["attachments"][0]
    assert card["contentType"] == "application/vnd.microsoft.card.adaptive"
    assert card["content"]["actions"] == [{"type": "Action.OpenUrl", "title": "Open", "url": LINK}]
    assert said(ChannelKind.MATTERMOST)["attachments"][0]["title_link"] == LINK
    assert said(ChannelKind.GOOGLE_CHAT)["text"].endswith(LINK)
    ntfy = request(ChannelKind.NTFY, token="tk_1")
    assert (ntfy.url, ntfy.headers["Authorization"]) == ("https://chat.example/", "Bearer tk_1")
    assert json.loads(ntfy.body)["topic"] == "hook"
    assert json.loads(ntfy.body)["priority"] == 5
    assert said(ChannelKind.NTFY, replace(ROOM, urgency=Urgency.LOW))["priority"] == 3
    telegram = written(ROOM, To(ChannelKind.TELEGRAM, "123:abc", {"room": "-100"}))
    assert telegram.url == "https://api.telegram.org/bot123:abc/sendMessage"
    assert json.loads(telegram.body)["chat_id"] == "-100"


@pytest.mark.parametrize("kind", CHATS)
def test_SEC20_an_alert_rings_nobody_by_a_mention_and_breaks_out_of_no_text(kind: ChannelKind) -> None:
    body = request(kind, replace(ROOM, title=NASTY, body=NASTY)).body.decode()
    json.loads(body)
    if kind is ChannelKind.SLACK:
        assert "<!channel>" not in json.loads(body)["text"]
        assert all(each["text"]["type"] == "plain_text" for each in json.loads(body)["blocks"][:2])
    if kind is ChannelKind.MATTERMOST:
        assert "@all" not in json.loads(body)["attachments"][0]["text"]
        assert "[x](" not in json.loads(body)["attachments"][0]["title"]
    if kind is ChannelKind.GOOGLE_CHAT:
        assert "<users/all>" not in json.loads(body)["text"]
    if kind is ChannelKind.TELEGRAM:
        assert "parse_mode" not in json.loads(body)


@pytest.mark.parametrize("kind", CHATS)
def test_SEC8_a_private_message_says_only_that_there_is_one(kind: ChannelKind) -> None:
    body = request(kind, replace(ROOM, is_private=True)).body.decode()
    assert "heckout" not in body.replace('"service": "checkout-api"', "")


def test_SEC22_a_template_only_replaces_names_and_evaluates_nothing() -> None:
    message = replace(ROOM, title='7 " {{link}}')
    assert filled('{"a": "{{title}}", "b": "{{7*7}}{{config}}"}', message) == (
        '{"a": "7 \\" {{link}}", "b": "{{7*7}}{{config}}"}'
    )
    assert filled("{{ number }} {{", message) == "12 {{"
    assert problem_of('{"a": "{{title}}"}', message) is None
    assert problem_of('{"a": {{title}}}', message) is not None
