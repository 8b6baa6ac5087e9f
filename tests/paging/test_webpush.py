"""One notification to one device, against a push service as strict as the real ones."""

import time
from collections.abc import Iterator

import pytest

from app.config import new_vapid_key
from app.outbound import Outbound
from app.paging import vapid
from app.paging.channels.outcome import Accepted, Gone, Outcome, Refused, RetryAfter, TooLarge
from app.paging.vapid import KeyRing
from app.paging.webpush import PAYLOAD_LIMIT, WebPush
from tests.support.push_service import Answer, Behaviour, Drop, Flood, Hang, PushService, Trickle
from tests.support.stand_in import StandIn

KEY = new_vapid_key()
PAYLOAD = b'{"notification": {"title": "disk full", "data": {"page": "p-1"}}}'


@pytest.fixture(scope="module")
def service() -> Iterator[PushService]:
    with PushService() as service:
        yield service


@pytest.fixture(scope="module")
def webpush(service: PushService) -> Iterator[WebPush]:
    hosts = (service.host,)
    client = Outbound(named_hosts=hosts, deadline=1.0)
    webpush = WebPush(KeyRing(KEY, "mailto:ops@example.com"), push_hosts=hosts, client=client)
    yield webpush
    webpush.close()


@pytest.fixture
def device(service: PushService, webpush: WebPush) -> StandIn:
    return service.subscribe(webpush.public_key)


def send(webpush: WebPush, device: StandIn, payload: bytes = PAYLOAD, **changes: object) -> Outcome:
    words: dict[str, object] = {"ttl": 300, "urgency": "high", "topic": "a" * 22} | changes
    return webpush.send(device.endpoint, device.p256dh, device.auth, payload, **words)  # type: ignore[arg-type]


def test_a_message_arrives_decrypted_with_its_ttl_urgency_and_topic(
    service: PushService, webpush: WebPush, device: StandIn
) -> None:
    assert send(webpush, device) == Accepted(201)
    assert [rung.page for rung in device.log] == ["p-1"]
    [post] = service.posts_to(device.endpoint)
    assert (post.headers["TTL"], post.headers["Urgency"], post.headers["Topic"]) == ("300", "high", "a" * 22)
    assert post.headers["Content-Encoding"] == "aes128gcm"
    assert "Cookie" not in post.headers


@pytest.mark.parametrize(
    ("behaviour", "expected"),
    [
        (Answer(404), Gone(404)),
        (Answer(410), Gone(410)),
        (Answer(413), TooLarge()),
        (Answer(429, {"Retry-After": "600"}), RetryAfter(600.0, "127.0.0.1 asks to wait (429).")),
        (Answer(429), RetryAfter(None, "127.0.0.1 asks to wait (429).")),
        (Answer(500), RetryAfter(None, "127.0.0.1 asks to wait (500).")),
        (Answer(503, {"Retry-After": "-5"}), RetryAfter(None, "127.0.0.1 asks to wait (503).")),
        (Answer(400), Refused("127.0.0.1 refuses the message (400).")),
        (
            Answer(403, body=b'{"reason":"BadJwtToken"}'),
            Refused('127.0.0.1 refuses our VAPID key or contact address (403): {"reason":"BadJwtToken"}.'),
        ),
        (Hang(), RetryAfter(None, "127.0.0.1 did not answer in time.")),
        (Trickle("headers", every=0.05), RetryAfter(None, "127.0.0.1 did not answer in time.")),
        (Trickle("body", every=0.05), Accepted(201)),
        (Drop(), RetryAfter(None, "127.0.0.1 could not be reached.")),
        (Answer(307, {"Location": "http://127.0.0.1:1/"}), Refused("127.0.0.1 refuses the message (307).")),
        (Flood(), Accepted(201)),
    ],
    ids=str,
)
def test_INV22_each_answer_of_a_push_service_is_one_outcome_by_the_deadline(
    service: PushService, webpush: WebPush, device: StandIn, behaviour: Behaviour, expected: Outcome
) -> None:
    service.behave(device.endpoint, behaviour)
    began = time.monotonic()
    assert send(webpush, device) == expected
    assert time.monotonic() - began < 4.0


def test_retry_after_may_be_a_date(service: PushService, webpush: WebPush, device: StandIn) -> None:
    service.behave(device.endpoint, Answer(429, {"Retry-After": "Wed, 01 Jan 2099 00:00:00 GMT"}))
    outcome = send(webpush, device)
    assert isinstance(outcome, RetryAfter)
    assert outcome.seconds is not None
    assert outcome.seconds > 10**9


def test_INV6_a_reply_lost_on_the_way_is_tried_again_with_the_same_page(
    service: PushService, webpush: WebPush, device: StandIn
) -> None:
    service.behave(device.endpoint, Drop())
    assert isinstance(send(webpush, device), RetryAfter)
    assert send(webpush, device) == Accepted(201)
    assert [rung.page for rung in device.log] == ["p-1", "p-1"]


def test_the_largest_payload_fits_and_one_byte_more_is_not_even_sent(
    service: PushService, webpush: WebPush, device: StandIn
) -> None:
    assert send(webpush, device, b"x" * PAYLOAD_LIMIT) == Accepted(201)
    assert service.posts_to(device.endpoint)[0].size == 4096
    assert send(webpush, device, b"x" * (PAYLOAD_LIMIT + 1)) == TooLarge()
    assert len(service.posts_to(device.endpoint)) == 1


def test_a_waiting_message_of_the_same_topic_is_replaced(webpush: WebPush, device: StandIn) -> None:
    device.leave()
    for page in ("p-1", "p-2"):
        assert send(webpush, device, PAYLOAD.replace(b"p-1", page.encode())) == Accepted(201)
    device.come_back()
    assert [rung.page for rung in device.log] == ["p-2"]


def test_SEC29_a_subscription_of_another_key_is_refused(service: PushService, webpush: WebPush) -> None:
    stranger = service.subscribe(vapid.public_key_of(new_vapid_key()))
    assert isinstance(send(webpush, stranger), Refused)
    assert stranger.log == []


@pytest.mark.parametrize(
    ("p256dh", "auth"), [("", ""), ("AAAA", "AAAA"), ("B" * 87, "A" * 22), ("ü", "!"), ("\ud800", "AAAA")]
)
def test_keys_that_are_none_are_refused_not_raised(
    service: PushService, webpush: WebPush, device: StandIn, p256dh: str, auth: str
) -> None:
    outcome = webpush.send(device.endpoint, p256dh, auth, PAYLOAD, ttl=60, urgency="high", topic="t")
    assert isinstance(outcome, Refused)
    assert service.posts_to(device.endpoint) == []


def test_SEC2_an_endpoint_that_is_no_push_service_is_refused_at_send(
    service: PushService, device: StandIn
) -> None:
    webpush = WebPush(KeyRing(KEY, "mailto:ops@example.com"))
    assert isinstance(send(webpush, device), Refused)
    assert service.posts_to(device.endpoint) == []
    webpush.close()


def test_messages_share_a_connection_and_a_signature(
    service: PushService, webpush: WebPush, device: StandIn
) -> None:
    for _ in range(5):
        assert send(webpush, device) == Accepted(201)
    posts = service.posts_to(device.endpoint)
    assert len({post.connection for post in posts}) == 1
    assert len({post.headers["Authorization"] for post in posts}) == 1


def test_the_signature_is_renewed_after_six_hours(monkeypatch: pytest.MonkeyPatch) -> None:
    identity = KeyRing(KEY, "mailto:ops@example.com").present
    first = identity.authorization("https://fcm.googleapis.com")
    assert identity.authorization("https://fcm.googleapis.com") == first
    assert identity.authorization("https://web.push.apple.com") != first
    now = vapid.clock.host()
    monkeypatch.setattr(vapid.clock, "host", lambda: now + vapid.RENEWED_AFTER)
    assert identity.authorization("https://fcm.googleapis.com") != first


def test_SEC29_the_start_up_check_names_each_problem() -> None:
    assert vapid.problems(KEY, "mailto:ops@example.com") == []
    assert vapid.problems("nonsense", "mailto:ops@example.com") == [
        "NIGHTBELL_VAPID_PRIVATE_KEY: not a private key in base64url, raw or DER"
    ]
    assert vapid.problems(KEY, "ops@example.com") == [
        "NIGHTBELL_VAPID_SUBJECT: expected mailto:… or https:…, got 'ops@example.com'"
    ]
    assert vapid.warnings("mailto:ops@example.com") == []
    assert vapid.warnings("mailto:operator@nightbell.invalid")
    assert vapid.warnings("mailto:x@localhost")
