"""sw.js where it lives: in Firefox, woken by pushes that our own code encrypted and sent."""

import itertools
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.config import new_vapid_key
from app.domain.words import PageKind, Urgency
from app.paging import payload
from app.paging.channels.outcome import Accepted, Gone
from app.paging.payload import Message
from app.paging.vapid import KeyRing
from app.paging.webpush import WebPush
from tests.support.firefox import Firefox
from tests.support.push_service import PushService
from tests.support.small_app import SmallApp
from tests.support.waiting import until

pytestmark = pytest.mark.browser

SUBSCRIBE = """
const { subscribe } = await import("/static/js/worker.js");
return subscribe(args[0], "/push-subscriptions/renewal");
"""
FRESH_STORE = """
const open = indexedDB.open("nightbell");
await new Promise((resolve) => { open.onsuccess = resolve; });
const stores = open.result.transaction(["pages", "outbox"], "readwrite");
stores.objectStore("pages").clear();
stores.objectStore("outbox").clear();
await new Promise((resolve) => { stores.oncomplete = resolve; });
open.result.close();
"""


class Phone:
    """A Firefox that has subscribed to the small app, and the app's line to it."""

    def __init__(self, firefox: Firefox, app: SmallApp, service: PushService, webpush: WebPush) -> None:
        self.firefox, self.app, self.service, self.webpush = firefox, app, service, webpush
        firefox.navigate(app.url + "/")
        self.subscription = firefox.async_script(SUBSCRIBE, webpush.public_key)
        self._numbers = itertools.count(1)

    def reset(self) -> None:
        """An empty screen, an empty store, one page of the app open."""
        self.firefox.leave_only_blank()
        self.firefox.close_notifications()
        self.firefox.navigate(self.app.url + "/")
        self.firefox.async_script(FRESH_STORE)
        self.app.reports.clear()
        self.app.answers.clear()

    def page(self, *, kind: PageKind = PageKind.PAGE, page: str = "", **changes: Any) -> Message:
        number = next(self._numbers)
        words: dict[str, Any] = {
            "kind": kind, "page": page or f"p-{number}", "delivery": f"d-{number}", "subject_kind": "alert",
            "subject_id": number, "title": f"Disk full on db-{number} · Critical",
            "body": "db since 03:10 GMT.",
            "token": f"token-{number}", "base_url": self.app.url, "urgency": Urgency.HIGH,
            "expires_at": datetime.now(UTC) + timedelta(hours=1),
            "until": datetime.now(UTC) + timedelta(hours=1),
            "severity": "critical", "service": "db", "started_at": datetime.now(UTC),
        }  # fmt: skip
        return Message(**(words | changes))

    def send(self, message: Message | bytes) -> Any:
        body = message if isinstance(message, bytes) else payload.encode(message)
        keys = self.subscription["keys"]
        return self.webpush.send(
            self.subscription["endpoint"], keys["p256dh"], keys["auth"], body,
            ttl=300, urgency="high", topic=str(next(self._numbers)),
        )  # fmt: skip

    def until_reported(self, message: Message, *stages: str) -> None:
        until(
            lambda: sorted(self.app.stages(message.token)) == sorted(stages),
            what=lambda: f"{stages}, not {self.app.stages(message.token)}",
        )

    def acknowledge_offline(self) -> Message:
        """A page that was acknowledged while the app could not be reached, which is back when this returns."""
        page = self.page()
        self.send(page)
        alert = self.firefox.wait_for_notification(page.title)
        self.until_reported(page, "received", "shown")
        self.app.stop()
        self.firefox.press_action(alert, "ack")
        self.firefox.wait_for_notification("Your ack is saved, not sent")
        self.app.start()
        return page


@pytest.fixture(scope="module")
def line() -> Iterator[tuple[PushService, WebPush]]:
    with PushService() as service:
        keys = KeyRing(new_vapid_key(), "mailto:ops@example.com")
        webpush = WebPush(keys, push_hosts=(service.host,))
        yield service, webpush
        webpush.close()


@pytest.fixture(scope="module")
def subscribed(line: tuple[PushService, WebPush]) -> Iterator[Phone]:
    service, webpush = line
    with SmallApp() as app, Firefox(service.socket_url) as firefox:
        yield Phone(firefox, app, service, webpush)


@pytest.fixture
def phone(subscribed: Phone) -> Phone:
    subscribed.reset()
    return subscribed


def test_a_page_rings_with_no_tab_open_and_the_device_says_so(phone: Phone) -> None:
    phone.firefox.leave_only_blank()
    page = phone.page()
    assert phone.send(page) == Accepted(201)
    shown = phone.firefox.wait_for_notification(page.title)
    assert page.body in shown.body
    phone.until_reported(page, "received", "shown")
    report = phone.app.reports[0]
    assert "Cookie" not in report.headers
    assert abs(datetime.fromisoformat(report.said["at"]) - datetime.now(UTC)) < timedelta(seconds=30)
    until(lambda: (phone.subscription["endpoint"], 100) in phone.service.browser_answers)


def test_acknowledge_on_the_notification_reaches_the_server_and_says_who_has_it(phone: Phone) -> None:
    phone.firefox.leave_only_blank()
    page = phone.page()
    phone.send(page)
    phone.firefox.press_action(phone.firefox.wait_for_notification(page.title), "ack")
    answer = phone.firefox.wait_for_notification("You have it")
    assert answer.body.splitlines() == ["Nobody else is paged.", page.title]
    phone.until_reported(page, "received", "shown", "acked")
    assert [alert.title for alert in phone.firefox.notifications()] == ["You have it"]
    assert phone.firefox.urls() == ["about:blank"]


@pytest.mark.parametrize("status", [200, 403, 410])
def test_the_servers_own_sentence_is_shown_whatever_it_answers(phone: Phone, status: int) -> None:
    page = phone.page()
    phone.app.answers[f"/r/{page.token}"] = (
        status,
        {"sentence": "Ben has it since 03:12. You need do nothing."},
    )
    phone.send(page)
    phone.firefox.press_action(phone.firefox.wait_for_notification(page.title), "ack")
    assert "You need do nothing." in phone.firefox.wait_for_notification("Ben has it since 03:12").body
    assert (
        phone.firefox.async_script("return (await (await import('/static/js/outbox.js')).pending()).length")
        == 0
    )


def test_F26_INV7_the_same_page_twice_is_one_notification(phone: Phone) -> None:
    page = phone.page()
    phone.send(page)
    phone.firefox.wait_for_notification(page.title)
    phone.until_reported(page, "received", "shown")
    phone.send(page)
    phone.until_reported(page, "received", "shown", "received", "shown")
    assert [alert.title for alert in phone.firefox.notifications()] == [page.title]
    ring = "const all = await (await navigator.serviceWorker.ready).getNotifications(); return all.length"
    assert phone.firefox.async_script(ring) == 1


def test_INV7_a_page_sent_again_after_its_acknowledgement_says_what_is_true(phone: Phone) -> None:
    page = phone.page()
    phone.send(page)
    phone.firefox.press_action(phone.firefox.wait_for_notification(page.title), "ack")
    phone.firefox.wait_for_notification("You have it")
    phone.send(page)
    until(lambda: phone.app.stages(page.token).count("received") == 2)
    phone.firefox.wait_for_notification("You have it")
    assert page.title not in [alert.title for alert in phone.firefox.notifications()]


def test_a_notice_takes_the_place_of_its_page(phone: Phone) -> None:
    page = phone.page()
    phone.send(page)
    phone.firefox.wait_for_notification(page.title)
    phone.send(phone.page(kind=PageKind.NOTICE, subject_id=page.subject_id, title="Ben has it"))
    phone.firefox.wait_for_notification("Ben has it")
    until(lambda: [alert.title for alert in phone.firefox.notifications()] == ["Ben has it"])


def test_a_tap_opens_the_alert_and_acknowledges_nothing(phone: Phone) -> None:
    phone.firefox.leave_only_blank()
    page = phone.page()
    phone.send(page)
    phone.firefox.press_body(phone.firefox.wait_for_notification(page.title))
    phone.firefox.switch_to(f"/alerts/{page.subject_id}#t={page.token}")
    phone.until_reported(page, "received", "shown", "clicked")


def test_a_tap_goes_to_the_tab_that_shows_the_alert_already(phone: Phone) -> None:
    page = phone.page()
    phone.firefox.navigate(f"{phone.app.url}/alerts/{page.subject_id}")
    phone.send(page)
    phone.firefox.press_body(phone.firefox.wait_for_notification(page.title))
    phone.firefox.wait_for("location.hash === arguments[0]", f"#t={page.token}")
    assert len(phone.firefox.urls()) == 1


def test_waving_a_page_away_is_reported(phone: Phone) -> None:
    page = phone.page()
    phone.send(page)
    phone.firefox.dismiss(phone.firefox.wait_for_notification(page.title))
    phone.until_reported(page, "received", "shown", "closed")


@pytest.mark.parametrize(
    "broken",
    [
        b"not JSON at all",
        b"{}",
        b'{"notification":null}',
        b'{"notification":{"body":"no title"}}',
        b"[1]",
        b"\xff\xfe",
    ],
    ids=["words", "empty", "null", "no title", "list", "bytes"],
)
def test_a_push_that_cannot_be_read_still_shows_something(phone: Phone, broken: bytes) -> None:
    phone.send(broken)
    alert = phone.firefox.wait_for_notification("Nightbell has news")
    phone.firefox.press_body(alert)
    until(lambda: phone.firefox.url() == phone.app.url + "/")


def test_SEC33_a_payload_of_a_later_version_is_shown_and_not_acted_on(phone: Phone) -> None:
    later = json.loads(payload.encode(page := phone.page()))
    later["notification"]["data"]["v"] = 2
    phone.send(json.dumps(later).encode())
    phone.firefox.wait_for_notification(page.title)
    until(lambda: phone.service.browser_answers and not phone.app.stages(page.token))


def test_F26_INV10_an_acknowledgement_without_network_is_kept_and_sent_when_it_is_back(phone: Phone) -> None:
    page = phone.page()
    phone.send(page)
    alert = phone.firefox.wait_for_notification(page.title)
    phone.until_reported(page, "received", "shown")
    phone.firefox.leave_only_blank()
    phone.app.stop()
    pressed = datetime.now(UTC)
    phone.firefox.press_action(alert, "ack")
    saved = phone.firefox.wait_for_notification("Your ack is saved, not sent")
    assert "You pressed at " in saved.body
    phone.firefox.switch_to(f"/alerts/{page.subject_id}#t={page.token}")
    assert phone.firefox.script("return document.title") == "offline"
    phone.app.start()
    phone.send(phone.page())  # any push flushes what waits
    phone.until_reported(page, "received", "shown", "acked")
    phone.firefox.wait_for_notification("You have it")
    [acked] = [report for report in phone.app.reports if report.said["stage"] == "acked"]
    assert abs(datetime.fromisoformat(acked.said["at"]) - pressed) < timedelta(seconds=3)


def test_F26_an_open_page_is_drawn_and_acknowledged_without_network_and_without_login(phone: Phone) -> None:
    page = phone.page()
    phone.send(page)
    alert = phone.firefox.wait_for_notification(page.title)
    phone.until_reported(page, "received", "shown")
    phone.app.stop()
    phone.firefox.leave_only_blank()
    phone.firefox.press_body(alert)
    phone.firefox.switch_to(f"/alerts/{page.subject_id}#t={page.token}")
    words = phone.firefox.wait_for("document.querySelector('saved-pages .card')?.innerText")
    assert page.title in words
    assert "Critical · db · since " in words
    phone.firefox.script("document.querySelector('saved-pages button').click()")
    phone.firefox.wait_for("document.body.innerText.includes('Your ack is saved, not sent. You pressed at ')")
    phone.app.start()
    phone.firefox.navigate(phone.app.url + "/")
    phone.firefox.async_script("await (await import('/static/js/outbox.js')).flush()")
    phone.until_reported(page, "received", "shown", "clicked", "acked")
    phone.firefox.wait_for_notification("You have it")


def test_INV10_a_page_that_opens_again_flushes_what_waits(phone: Phone) -> None:
    page = phone.acknowledge_offline()
    phone.firefox.navigate(phone.app.url + "/")
    phone.firefox.async_script("await (await import('/static/js/outbox.js')).flush()")
    phone.until_reported(page, "received", "shown", "acked")
    phone.firefox.wait_for_notification("You have it")


def test_the_browsers_new_subscription_reaches_the_server_with_no_tab_open(phone: Phone) -> None:
    phone.firefox.leave_only_blank()
    before = phone.subscription["endpoint"]
    phone.service.forget_browsers()

    def renewal() -> dict[str, Any] | None:
        said = [report.said for report in phone.app.reports if report.path == "/push-subscriptions/renewal"]
        return said[0] if said else None

    said = until(renewal, within=15)
    assert said is not None
    assert (said["old_endpoint"], said["secret"]) == (before, phone.subscription["secret"])
    assert len(said["secret"]) == 64
    assert isinstance(phone.send(phone.page()), Gone)
    phone.subscription = said["subscription"]
    page = phone.page()
    assert phone.send(page) == Accepted(201)
    phone.firefox.wait_for_notification(page.title)


def test_F26_two_tabs_that_send_what_waits_at_one_time_send_it_once(phone: Phone) -> None:
    page = phone.acknowledge_offline()
    phone.firefox.navigate(phone.app.url + "/")
    phone.firefox.async_script(
        """const { flush } = await import("/static/js/outbox.js");
        window.together = new BroadcastChannel("together");
        together.onmessage = flush;"""
    )
    phone.firefox.open_tab(phone.app.url + "/")
    phone.firefox.async_script(
        """const { flush } = await import("/static/js/outbox.js");
        new BroadcastChannel("together").postMessage("now");
        await flush();"""
    )
    phone.until_reported(page, "received", "shown", "acked")


def test_F26_a_browser_whose_site_data_was_cleared_is_gone_until_it_subscribes_anew(phone: Phone) -> None:
    """Nothing of the old subscription is left; the server learns it by its next page (INV-22)."""
    before = phone.subscription["endpoint"]
    phone.firefox.clear_site_data()
    until(lambda: before not in phone.service.live_endpoints())
    assert isinstance(phone.send(phone.page()), Gone)
    phone.firefox.navigate(phone.app.url + "/")
    phone.subscription = phone.firefox.async_script(SUBSCRIBE, phone.webpush.public_key)
    assert phone.subscription["endpoint"] != before
    page = phone.page()
    assert phone.send(page) == Accepted(201)
    phone.firefox.wait_for_notification(page.title)
    phone.until_reported(page, "received", "shown")
