"""The same sw.js in Chromium, whose push service cannot be had here: the browser gets the decrypted push."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from app.domain.words import PageKind, Urgency
from app.paging import payload
from app.paging.payload import Message
from tests.support import chromium
from tests.support.small_app import SmallApp
from tests.support.waiting import until

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium.chromium() as browser:
        yield browser


@pytest.fixture
def app() -> Iterator[SmallApp]:
    with SmallApp() as app:
        yield app


@pytest.fixture
def page(browser: Browser, app: SmallApp) -> Iterator[Page]:
    with chromium.phone(browser) as context:
        page = context.new_page()
        page.goto(app.url)
        page.evaluate("import('/static/js/worker.js').then(({ start }) => start()).then(() => null)")
        yield page


def sent(app: SmallApp) -> Message:
    now = datetime.now(UTC)
    return Message(
        kind=PageKind.PAGE, page="p-1", delivery="d-1", subject_kind="alert", subject_id=12,
        title="Disk full on db-1 · Critical", body="db since 03:10 GMT.", token="token", base_url=app.url,
        urgency=Urgency.HIGH, expires_at=now + timedelta(hours=1), until=now + timedelta(hours=1),
        severity="critical", service="db",
        started_at=now,
    )  # fmt: skip


def push(page: Page, app: SmallApp, message: Message) -> None:
    """Hand it to the worker as Chromium's push client would."""
    tools = page.context.new_cdp_session(page)
    workers: list[dict[str, Any]] = []
    tools.on("ServiceWorker.workerVersionUpdated", lambda event: workers.extend(event["versions"]))
    tools.send("ServiceWorker.enable")

    def awake() -> list[str]:
        page.evaluate("1")  # lets what the browser has to tell come in
        return [
            worker["registrationId"] for worker in workers
            if worker["status"] == "activated" and worker["scriptURL"].startswith(app.url)
        ]  # fmt: skip

    [registration, *_] = until(awake)
    tools.send(
        "ServiceWorker.deliverPushMessage",
        {
            "origin": app.url + "/",
            "registrationId": registration,
            "data": payload.encode(message).decode(),
        },
    )


def notifications(page: Page) -> list[dict[str, Any]]:
    look = """navigator.serviceWorker.ready.then((it) => it.getNotifications()).then((all) => JSON.stringify(
      all.map(({ title, body, actions, requireInteraction: stays }) => ({ title, body, actions, stays }))))"""
    return list(json.loads(page.evaluate(look)))


def test_a_page_is_shown_with_its_button_and_the_device_says_so(page: Page, app: SmallApp) -> None:
    push(page, app, sent(app))
    [shown] = until(lambda: notifications(page))
    assert (shown["title"], shown["body"]) == ("Disk full on db-1 · Critical", "db since 03:10 GMT.")
    assert shown["stays"]
    assert [button["title"] for button in shown["actions"]] == ["Acknowledge"]
    until(lambda: sorted(app.stages("token")) == ["received", "shown"])


def test_the_button_acknowledges_and_says_who_has_it(page: Page, app: SmallApp) -> None:
    push(page, app, sent(app))
    until(lambda: notifications(page))
    [worker] = page.context.service_workers
    worker.evaluate(
        """async () => {
          const [notification] = await self.registration.getNotifications();
          self.dispatchEvent(new NotificationEvent("notificationclick", { notification, action: "ack" }));
        }"""
    )
    until(lambda: [shown["title"] for shown in notifications(page)] == ["You have it"])
    assert app.stages("token").count("acked") == 1


def test_an_alert_that_was_sent_here_opens_without_a_network(page: Page, app: SmallApp) -> None:
    push(page, app, sent(app))
    until(lambda: notifications(page))
    page.context.set_offline(True)
    page.goto(f"{app.url}/alerts/12#t=token")
    card = page.locator("saved-pages .card")
    assert "Disk full on db-1" in card.inner_text()
    card.get_by_role("button", name="Acknowledge").tap()
    page.get_by_text("Your ack is saved, not sent.").wait_for()
    page.context.set_offline(False)
    page.evaluate("import('/static/js/outbox.js').then(({ flush }) => flush())")
    until(lambda: "acked" in app.stages("token"))
