"""One contract for every channel: the same fault of the other side is the same outcome, in time, in words."""

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from html import unescape
from typing import Protocol

import pytest

from app.config import new_vapid_key
from app.domain import webhook_signature
from app.domain.words import ChannelKind, PageKind, Urgency
from app.outbound import Outbound
from app.paging.channels.channel import Channel, Message, To
from app.paging.channels.chat import CHATS, ChatChannel
from app.paging.channels.email import EmailChannel
from app.paging.channels.outcome import Accepted, Refused, RetryAfter
from app.paging.channels.push import PushChannel
from app.paging.channels.registry import Channels
from app.paging.channels.signed_webhook import SignedWebhookChannel
from app.paging.channels.telephone import SmsChannel, VoiceChannel
from app.paging.channels.twilio import Twilio
from app.paging.vapid import KeyRing
from app.paging.webpush import WebPush
from app.smtp import MailServer
from tests.support.far_end import FarEnd, Says
from tests.support.mail_server import MailBox, mail_server, silent_server
from tests.support.push_service import Answer, Hang, PushService
from tests.support.telephone import ACCOUNT, SECRET, SENDER, Telephone, fault

SIGNING = webhook_signature.new_secret()
NOW = datetime(2026, 11, 12, 3, 11, tzinfo=UTC)
MESSAGE = Message(
    kind=PageKind.PAGE, page="91", delivery="17", subject_kind="alert", subject_id=12,
    title="Checkout errors at 14 % · Critical", body="checkout-api since 03:10 GMT.", token="t" * 43,
    base_url="https://pager.example.com", expires_at=NOW + timedelta(hours=24),
    until=NOW + timedelta(minutes=5), urgency=Urgency.HIGH, severity="critical", service="checkout-api",
    event="alert.triggered", data={"title": "Checkout errors at 14 %", "token": "t" * 43},
)  # fmt: skip


class OtherSide(Protocol):
    """The far end of one channel, real on loopback, made to behave in each of the contract's ways."""

    channel: Channel
    to: To

    def refuses(self) -> None: ...
    def throttles(self) -> None: ...
    def hangs(self) -> None: ...
    def is_away(self) -> None: ...
    def got(self) -> str: ...


class Phone:
    """Web Push."""

    def __init__(self, service: PushService) -> None:
        self.service = service
        keys = KeyRing(new_vapid_key(), "mailto:ops@example.com")
        client = Outbound(named_hosts=(service.host, "127.0.0.1:9"), deadline=1.0)
        self.channel: Channel = PushChannel(
            WebPush(keys, push_hosts=(service.host, "127.0.0.1:9"), client=client)
        )
        self.device = service.subscribe(keys.present.public_key)
        self.to = To(
            ChannelKind.PUSH, self.device.endpoint, {"p256dh": self.device.p256dh, "auth": self.device.auth}
        )

    def refuses(self) -> None:
        self.service.behave(self.to.address, then=Answer(400))

    def throttles(self) -> None:
        self.service.behave(self.to.address, then=Answer(429, {"Retry-After": "60"}))

    def hangs(self) -> None:
        self.service.behave(self.to.address, then=Hang())

    def is_away(self) -> None:
        self.to = To(ChannelKind.PUSH, "http://127.0.0.1:9/wpush/v2/x", self.to.details)

    def got(self) -> str:
        return str(self.device.log[0].message)


class Number:
    """Texts and calls: one provider, two channels."""

    def __init__(self, kind: ChannelKind, telephone: Telephone) -> None:
        self.kind, self.telephone = kind, telephone
        telephone.forget()
        self.channel: Channel = self._over(telephone.url)
        self.to = To(kind, "+442079460999")

    def _over(self, url: str) -> Channel:
        client = Outbound(named_hosts=(url.removeprefix("http://"),), deadline=1.0)
        provider = Twilio(url=url, account=ACCOUNT, secret=SECRET, sender=SENDER, client=client)
        return SmsChannel(provider) if self.kind is ChannelKind.SMS else VoiceChannel(provider)

    def refuses(self) -> None:
        self.to = To(self.kind, "02079460999")

    def throttles(self) -> None:
        self.telephone.always(fault(429, 20429))

    def hangs(self) -> None:
        self.telephone.hangs = True

    def is_away(self) -> None:
        self.channel = self._over("http://127.0.0.1:9")

    def got(self) -> str:
        taken = self.telephone.texts + self.telephone.calls
        return unescape(taken[0].get("Body", "") + taken[0].get("Twiml", ""))


class Mailbox:
    """E-mail."""

    def __init__(self, box: MailBox, silent_url: str) -> None:
        self.box, self._silent_url = box, silent_url
        self.channel: Channel = self._over(box.url)
        self.to = To(ChannelKind.EMAIL, "ada@nightbell.example")

    @staticmethod
    def _over(url: str) -> EmailChannel:
        return EmailChannel(MailServer(url, sender="nightbell@pager.example.com"), deadline=1.0)

    def refuses(self) -> None:
        self.box.answers[self.to.address] = "550 no such mailbox"

    def throttles(self) -> None:
        self.box.answers[self.to.address] = "451 too much mail, later"

    def hangs(self) -> None:
        self.channel = self._over(self._silent_url)

    def is_away(self) -> None:
        self.channel = self._over("smtp://127.0.0.1:9")

    def got(self) -> str:
        return self.box.letters[0].get_content()


class Room:
    """A chat's room, an address by a template, a program: all over one client."""

    def __init__(self, kind: ChannelKind, there: FarEnd) -> None:
        self.kind, self.there = kind, there
        there.forget()
        client = Outbound(named_hosts=(there.host, "127.0.0.1:9"), deadline=1.0)
        is_signed = kind is ChannelKind.SIGNED_WEBHOOK
        self.channel: Channel = SignedWebhookChannel(client) if is_signed else ChatChannel(client)
        self.to = To(kind, f"{there.url}/a-secret", {"room": "-100", "secret": SIGNING})

    def refuses(self) -> None:
        self.there.always(Says(400))

    def throttles(self) -> None:
        self.there.always(Says(429, headers={"Retry-After": "60"}))

    def hangs(self) -> None:
        self.there.hangs = True

    def is_away(self) -> None:
        self.to = To(self.kind, "http://127.0.0.1:9/a-secret", self.to.details)

    def got(self) -> str:
        (came,) = self.there.came
        if self.kind is ChannelKind.SIGNED_WEBHOOK:
            assert webhook_signature.verify(came.body, came.headers, keys=[SIGNING], now=NOW) == "msg_17"
        return json.dumps(json.loads(came.body), ensure_ascii=False).replace("\u200b", "")


@dataclass
class Sides:
    """What the far ends share, started once."""

    service: PushService
    box: MailBox
    silent_url: str
    telephone: Telephone
    there: FarEnd


@pytest.fixture(scope="module")
def sides() -> Iterator[Sides]:
    with (
        PushService() as service,
        mail_server() as box,
        silent_server() as silent_url,
        Telephone() as telephone,
        FarEnd() as there,
    ):
        yield Sides(service, box, silent_url, telephone, there)


ROOMS = (*CHATS, ChannelKind.SIGNED_WEBHOOK)
MAKERS: dict[ChannelKind, Callable[[Sides], OtherSide]] = {
    ChannelKind.PUSH: lambda sides: Phone(sides.service),
    ChannelKind.SMS: lambda sides: Number(ChannelKind.SMS, sides.telephone),
    ChannelKind.VOICE: lambda sides: Number(ChannelKind.VOICE, sides.telephone),
    **{kind: partial(lambda kind, sides: Room(kind, sides.there), kind) for kind in ROOMS},
    ChannelKind.EMAIL: lambda sides: Mailbox(sides.box, sides.silent_url),
}


@pytest.fixture(params=ChannelKind)
def side(request: pytest.FixtureRequest, sides: Sides) -> Iterator[OtherSide]:
    sides.box.letters.clear()
    sides.box.answers.clear()
    made = MAKERS[request.param](sides)
    yield made
    made.channel.close()


def test_what_is_taken_is_accepted_and_says_what_happened(side: OtherSide) -> None:
    assert isinstance(side.channel.send(MESSAGE, side.to, NOW), Accepted)
    assert "Checkout errors at 14 %" in side.got()
    assert MESSAGE.token in side.got()


def test_what_will_always_be_refused_is_refused_in_words(side: OtherSide) -> None:
    side.refuses()
    outcome = side.channel.send(MESSAGE, side.to, NOW)
    assert isinstance(outcome, Refused)
    assert outcome.reason


@pytest.mark.parametrize("fault", ["throttles", "hangs", "is_away"])
def test_INV22_what_may_pass_is_tried_again_and_answered_by_the_deadline(side: OtherSide, fault: str) -> None:
    getattr(side, fault)()
    began = time.monotonic()
    outcome = side.channel.send(MESSAGE, side.to, NOW)
    assert isinstance(outcome, RetryAfter)
    assert outcome.reason
    assert side.to.address not in outcome.reason
    assert time.monotonic() - began < 5


def test_a_channel_that_is_not_set_up_here_refuses_in_words() -> None:
    channels = Channels({})
    assert channels.send(MESSAGE, To(ChannelKind.EMAIL, "ada@nightbell.example"), NOW) == Refused(
        "E-mail is not set up here."
    )
