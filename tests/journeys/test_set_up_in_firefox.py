"""A newcomer's browser rings: Firefox subscribes, a real test page is pushed and shown, and a tap proves it."""

from pathlib import Path

import pytest

from tests.support.firefox import Firefox
from tests.support.installation import Installation, installation
from tests.support.push_service import PushService
from tests.support.waiting import until

pytestmark = [pytest.mark.browser, pytest.mark.slow]

STATE = "document.querySelector('push-toggle')?.getAttribute('state')"
VERDICT = "document.getElementById('device-verdict')?.textContent.includes(arguments[0])"
PRESS = "[...document.querySelectorAll('button')].find((one) => one.textContent.includes(arguments[0])).click()"


def welcome(firefox: Firefox, nightbell: Installation) -> None:
    """The first administrator comes in."""
    firefox.navigate(nightbell.first_run_link)
    firefox.script(
        "for (const [name, value] of Object.entries(arguments[0])) document.getElementById(name).value = value",
        {"organisation": "Example", "name": "Ada", "email": "ada@nightbell.example",
         "password": "brass kettle orbit plum"},
    )  # fmt: skip
    firefox.script(PRESS, "Begin")
    firefox.wait_for("location.pathname === '/setup' && document.readyState === 'complete'", within=20)


def test_a_device_is_proven_by_a_test_page_that_was_pushed_shown_and_tapped(tmp_path: Path) -> None:
    with PushService() as service, installation(tmp_path) as nightbell, Firefox(service.socket_url) as firefox:
        welcome(firefox, nightbell)  # so the cookie with its __Host- prefix holds on http://127.0.0.1
        firefox.navigate(f"{nightbell.base_url}/setup/device")
        firefox.wait_for(f"{STATE} === 'ask'")
        firefox.script(PRESS, "Make this device ring")
        firefox.wait_for(f"{STATE} === 'on'", within=20)
        firefox.wait_for(VERDICT, "Nobody knows yet", within=20)
        firefox.script(PRESS, "Send me a test page")
        shown = firefox.wait_for_notification("Test page, all is well", within=20)
        firefox.wait_for(VERDICT, "It is shown. Tap it.", within=20)
        firefox.press_body(shown)
        opened = until(
            lambda: [url for url in firefox.urls() if "/me/devices" in url], within=20, what="a new tab"
        )
        firefox.switch_to(opened[0])
        firefox.wait_for(VERDICT, "Yes, it rang", within=20)


def test_a_device_that_is_removed_stops_listening_and_comes_back_when_asked(tmp_path: Path) -> None:
    with PushService() as service, installation(tmp_path) as nightbell, Firefox(service.socket_url) as firefox:
        welcome(firefox, nightbell)
        firefox.navigate(f"{nightbell.base_url}/me/devices")
        firefox.wait_for(f"{STATE} === 'ask'")
        firefox.script(PRESS, "Make this device ring")
        firefox.wait_for("document.querySelector('form[data-unsubscribe]') !== null", within=20)
        assert len(service.live_endpoints()) == 1
        firefox.script("document.querySelector('form[data-unsubscribe]').requestSubmit()")
        firefox.wait_for("document.body.textContent.includes('is paged no more')", within=20)
        until(lambda: not service.live_endpoints(), within=10, what="the browser has closed its line")
        firefox.wait_for(f"{STATE} === 'ask'")  # looking again does not bring it back by itself
        firefox.script(PRESS, "Make this device ring")
        firefox.wait_for(f"{STATE} === 'on' && document.getElementById('device-verdict') !== null", within=20)
        assert len(service.live_endpoints()) == 1
