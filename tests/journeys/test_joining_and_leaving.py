"""One person's whole stay: invited, joined by passkey, proven, promoted, and gone with everything handed over.

The record shows it all and is intact, until somebody edits one row with SQL.
"""

import json
import re
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.support import axe
from tests.support.chromium import chromium, phone
from tests.support.installation import ROOT, Installation, installation
from tests.support.push_service import PushService
from tests.support.virtual_phone import let_ring, with_authenticator
from tests.support.waiting import until

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PASSWORD = "brass kettle orbit plum"


@pytest.fixture
def nightbell(tmp_path: Path) -> Iterator[Installation]:
    axe.needed()
    with installation(tmp_path, host="localhost") as running:
        yield running


@pytest.fixture
def browser() -> Iterator[Browser]:
    with chromium() as running:
        yield running


def run(nightbell: Installation, *words: str) -> tuple[int, Any]:
    """`nightbell WORD… --json`: its exit code and what it printed."""
    ran = subprocess.run(
        [sys.executable, "-m", "app.cli", *words, "--json"], cwd=ROOT, env=nightbell.environ,
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    return ran.returncode, json.loads(ran.stdout)


def first_administrator(page: Page, nightbell: Installation) -> None:
    page.goto(nightbell.first_run_link)
    page.get_by_text("Use a password instead").click()
    for name, value in (("organisation", "Example"), ("name", "Root Reed"), ("email", "root@nightbell.example"),
                        ("password", PASSWORD)):  # fmt: skip
        page.fill(f"#{name}", value)
    page.get_by_role("button", name="Begin with the password").click()
    page.wait_for_url("**/setup")


def invite(page: Page, nightbell: Installation, email: str) -> str:
    page.goto(f"{nightbell.base_url}/invitations")
    page.get_by_label("Email addresses").fill(email)
    page.get_by_role("button", name="Invite").click()
    link = page.locator("pre").inner_text()
    assert link.startswith(f"{nightbell.base_url}/join/")
    return link


def join_and_ring(context: BrowserContext, link: str) -> Page:
    """Gus on his phone: a passkey, then a device that proves itself."""
    page, _, _ = with_authenticator(context)
    page.goto(link)
    page.get_by_label("Your name").fill("Gus Grind")
    page.get_by_role("button", name="Join with a passkey").tap()
    page.wait_for_url("**/me/devices")
    key = page.get_attribute("push-toggle", "data-key") or ""
    with PushService() as service:
        device = service.subscribe(key)
        let_ring(context, device, key)
        page.reload()
        page.get_by_role("button", name="Make this device ring").tap()
        expect(page.locator("push-toggle")).to_have_attribute("state", "on")
        page.get_by_role("button", name="Send me a test page").tap()
        rung = until(lambda: device.log[-1:], within=15, what="a test page")[0]
        for stage in ("received", "shown", "clicked"):
            assert page.request.post(rung.data["receipt_url"], data={"stage": stage, "at": None}).status == 200
        expect(page.locator("#device-verdict")).to_contain_text("Yes, it rang", timeout=15000)
    return page


def give_places(page: Page, nightbell: Installation, gus: str) -> None:
    """Gus is in a team, in its policy and its schedule, and owns its service."""
    base, token = nightbell.base_url, run(
        nightbell, "token", "create", "--email", "root@nightbell.example", "--scope", "admin"
    )[1]["token"]  # fmt: skip

    def make(noun: str, **body: Any) -> str:
        headers = {"Authorization": f"Bearer {token}"}
        answer = page.request.post(f"{base}/api/v1/{noun}", data=body, headers=headers)
        assert answer.status == 201, answer.text()
        return str(answer.json()["id"])

    team = make("teams", name="Payments")
    rotation = {"unit": "week", "length": 1, "start": "2026-11-02T09:00", "participants": [[gus]]}
    schedule = make(
        "schedules", name="Payments primary", team_id=team, time_zone="Europe/Riga",
        layers=[{"name": "Weekly", "rotation": rotation}],
    )  # fmt: skip
    steps = [
        {"wait_minutes": 5, "targets": [{"kind": "user", "id": gus}, {"kind": "schedule", "id": schedule}]}
    ]
    policy = make("escalation-policies", name="Payments critical", team_id=team, steps=steps)
    make("services", name="Checkout", team_id=team, escalation_policy_id=policy, owner_id=gus)


def is_sealed(book: Path) -> bool:
    """Whether the last change is in the chain. Read from the rows: a command a second would take a core."""
    with closing(sqlite3.connect(book)) as rows:
        newest = "SELECT max(id) FROM event WHERE kind = 'changed'"
        return bool(rows.execute(f"SELECT count(*) FROM audit_seal WHERE event_id = ({newest})").fetchone()[0])


def test_a_responder_is_invited_proven_promoted_and_let_go_and_the_record_shows_it(
    nightbell: Installation, browser: Browser
) -> None:
    base = nightbell.base_url
    office, pocket = browser.new_context(), phone(browser, timezone_id="Europe/Riga")
    page = office.new_page()
    first_administrator(page, nightbell)
    gus_page = join_and_ring(pocket, invite(page, nightbell, "gus@nightbell.example"))

    page.goto(f"{base}/people")
    page.get_by_role("link", name="Gus Grind").first.click()
    gus = re.search(r"/people/(\d+)", page.url)
    assert gus is not None
    page.get_by_label("Role", exact=True).select_option("manager")
    page.get_by_role("button", name="Change role").click()
    expect(page.locator("main .chip-person")).to_contain_text("Manager")
    give_places(page, nightbell, gus[1])

    page.goto(f"{base}/people/{gus[1]}")
    page.get_by_role("link", name="Gus Grind leaves").click()
    for place in ("Payments primary", "Payments critical", "Checkout"):
        expect(page.locator("main")).to_contain_text(place)
    assert axe.problems_on(page) == []
    page.get_by_role("button", name="Hand over and let Gus Grind go").click()
    expect(page.get_by_role("alert")).to_contain_text("to put right")  # nothing is handed over yet
    page.get_by_label("Everything to").select_option(label="Root Reed")
    page.get_by_role("button", name="Fill in").click()
    page.get_by_role("button", name="Hand over and let Gus Grind go").click()
    expect(page.locator("main")).to_contain_text("has left")
    gus_page.goto(f"{base}/me")
    gus_page.wait_for_url("**/login**")  # signed out everywhere, at once

    page.goto(f"{base}/services")
    page.get_by_role("link", name="Checkout").first.click()
    expect(page.locator("main")).to_contain_text("Root Reed")

    book = Path(nightbell.environ["NIGHTBELL_INSTANCE_DIR"]) / "nightbell.db"
    until(lambda: is_sealed(book), within=90, every=0.5, what="the engine to seal what happened")
    code, said = run(nightbell, "audit", "verify")
    assert (code, said["ok"], said["faults"]) == (0, True, [])
    page.goto(f"{base}/audit")
    for fact in (
        "created invitation 1", "Gus Grind changed passkeys", "Gus Grind added a device", "responder → manager",
        "changed schedule Payments primary", "its owner has left",
    ):  # fmt: skip
        expect(page.locator("main")).to_contain_text(fact)
    assert axe.problems_on(page) == []

    with sqlite3.connect(book) as rows:
        with pytest.raises(sqlite3.DatabaseError):  # the table itself refuses
            rows.execute("UPDATE event SET actor_id = NULL WHERE kind = 'changed'")
        for (name,) in rows.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            rows.execute(f'DROP TRIGGER "{name}"')
        number = rows.execute("SELECT max(id) FROM event WHERE kind = 'changed'").fetchone()[0]
        rows.execute("UPDATE event SET actor_id = NULL WHERE id = ?", [number])
    rows.close()
    code, said = run(nightbell, "audit", "verify")
    assert (code, said["ok"]) == (1, False)
    assert said["faults"][0]["event_id"] == str(number)
