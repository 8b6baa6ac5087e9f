"""The whole path on real parts: Debian's Alertmanager fires, pywebpush encrypts, Firefox shows and answers."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.journeys.test_set_up_in_firefox import PRESS, STATE, welcome
from tests.support.alertmanager import alertmanager
from tests.support.firefox import Firefox
from tests.support.installation import ROOT, Installation, installation
from tests.support.push_service import PushService
from tests.support.waiting import until

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PROMOTES = "document.querySelector('form[action$=\"/incident\"]')"


def open_with(firefox: Firefox, address: str, element: str) -> None:
    """Open a page until it is the server's own: one that takes over 3 s the device draws itself."""

    def opened() -> bool:
        firefox.navigate(address)
        return bool(firefox.script(f"return {element} !== null"))

    until(opened, within=60, what=f"{address} with {element}")


class Api:
    """/api/v1 as the administrator's program sees it."""

    def __init__(self, nightbell: Installation) -> None:
        made = subprocess.run(
            [sys.executable, "-m", "app.cli", "token", "create", "--email", "ada@nightbell.example",
             "--scope", "admin", "--scope", "write", "--scope", "read", "--json"],
            cwd=ROOT, env=nightbell.environ, check=True, capture_output=True, text=True,
        )  # fmt: skip
        self.base = f"{nightbell.base_url}/api/v1"
        self.session = requests.Session()
        self.session.headers["Authorization"] = f"Bearer {json.loads(made.stdout)['token']}"

    def get(self, path: str) -> Any:
        answer = self.session.get(self.base + path, timeout=10)
        assert answer.ok, answer.text
        return answer.json()

    def post(self, path: str, document: dict[str, Any]) -> Any:
        answer = self.session.post(self.base + path, json=document, timeout=10)
        assert answer.ok, answer.text
        return answer.json()

    def alert(self, title: str) -> dict[str, Any]:
        """The alert of this title, once it has come in."""

        def look() -> Any:
            return next((alert for alert in self.get("/alerts")["items"] if alert["title"] == title), None)

        found: dict[str, Any] = until(look, within=30, every=0.2, what=f"the alert {title!r}")
        return found

    def wait_for_alert(self, title: str, **expected: Any) -> dict[str, Any]:
        def look() -> Any:
            alert = self.alert(title)
            return alert if all(alert[name] == value for name, value in expected.items()) else None

        found: dict[str, Any] = until(look, within=30, every=0.2, what=f"{title}: {expected}")
        return found

    def stages(self, alert: dict[str, Any]) -> set[str]:
        """What the device has reported of the alert's first page, and the state it came to."""
        pages = [page for page in self.get("/pages")["items"] if page["alert"]["id"] == alert["id"]]
        return {delivery["state"] for page in pages for delivery in page["deliveries"]}

    def door_for_checkout(self) -> str:
        """A team, a policy that asks Ada, a service and an Alertmanager integration; its address."""
        ada = self.get("/users")["items"][0]
        team = self.post("/teams", {"name": "Payments"})
        step = {"wait_minutes": 5, "targets": [{"kind": "user", "id": ada["id"]}]}
        policy = self.post("/escalation-policies", {"name": "Critical", "team_id": team["id"], "steps": [step]})
        service = {"name": "checkout-api", "team_id": team["id"], "escalation_policy_id": policy["id"]}
        door = {
            "name": "Alertmanager",
            "kind": "alertmanager",
            "service_id": self.post("/services", service)["id"],
        }
        return str(self.post("/integrations", door)["url"])


def test_a_real_alertmanager_wakes_a_real_firefox_which_acknowledges(tmp_path: Path) -> None:
    with PushService() as service, installation(tmp_path) as nightbell, Firefox(service.socket_url) as firefox:
        welcome(firefox, nightbell)
        firefox.navigate(f"{nightbell.base_url}/me/devices")
        firefox.wait_for(f"{STATE} === 'ask'")
        firefox.script(PRESS, "Make this device ring")
        firefox.wait_for("document.querySelector('form[data-unsubscribe]') !== null", within=20)
        api = Api(nightbell)
        with alertmanager(tmp_path, webhook_url=api.door_for_checkout()) as source:
            # the app is open in a tab; a critical alert would become an incident by rule, a second later
            source.fire("CheckoutErrors", "Checkout errors at 14 %", severity="error")
            shown = firefox.wait_for_notification("Checkout errors at 14 %", within=30)
            alert = api.wait_for_alert("Checkout errors at 14 %", status="triggered")
            until(lambda: "shown" in api.stages(alert), within=10, what="a receipt: shown")
            firefox.press_action(shown, "ack")
            alert = api.wait_for_alert("Checkout errors at 14 %", status="acknowledged")
            assert alert["acknowledged_by"]["name"] == "Ada"
            until(lambda: "acked" in api.stages(alert), within=10, what="a receipt: acked")

            # promoted in between, on the alert's own page
            open_with(firefox, f"{nightbell.base_url}/alerts/{alert['number']}", PROMOTES)
            firefox.script(f"{PROMOTES}.requestSubmit()")
            firefox.wait_for("location.pathname.startsWith('/incidents/')", within=20)
            (incident,) = api.get("/incidents")["items"]
            assert (incident["severity"], incident["commander"]["name"]) == ("sev2", "Ada")

            source.resolve("CheckoutErrors", "Checkout errors at 14 %", severity="error")
            api.wait_for_alert("Checkout errors at 14 %", status="resolved", resolved_by="source")
            assert api.get("/incidents")["items"][0]["status"] == "open", "an incident never resolves by itself"

            # and with no page of the app open
            firefox.close_notifications()
            firefox.leave_only_blank()
            source.fire("ReplicaLag", "Replica lag 41 s", severity="critical")
            shown = firefox.wait_for_notification("Replica lag 41 s", within=30)
            firefox.press_action(shown, "ack")
            alert = api.wait_for_alert("Replica lag 41 s", status="acknowledged")
            until(lambda: "acked" in api.stages(alert), within=10, what="a receipt: acked")
