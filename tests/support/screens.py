"""`bin/screens`: the pictures of docs/screens, drawn from the made-up organisation and from an empty one."""

import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page

from tests.support.chromium import chromium
from tests.support.installation import ROOT, Installation, installation

OUT = ROOT / "docs" / "screens"
LARGEST = 100_000  # bytes
SIZES = {"phone": (390, 844), "desk": (1280, 800)}
SCHEMES = ("light", "dark")
SIGNED_IN = {
    "now": "/",
    "alerts": "/alerts",
    "incidents": "/incidents?tab=all",
    "on-call": "/on-call",
    "schedule-week": "/schedules/1",
    "schedule-month": "/schedules/1?view=month",
    "schedule-editor": "/schedules/1/edit",
    "fairness": "/schedules/1/fairness",
    "swaps": "/swaps",
    "time-off": "/me/time-off",
    "people": "/people",
    "organisation": "/organisation",
    "audit": "/audit",
    "health": "/organisation/health",
    "notices": "/me/notices",
    "trends": "/trends",
    "trends-response": "/trends/response",
    "trends-alerts": "/trends/alerts",
    "trends-load": "/trends/load",
    "recommendations": "/trends/recommendations",
    "service-trends": "/services/1/trends",
    "me": "/me",
    "devices": "/me/devices",
    "security": "/me/security",
    "services": "/services",
    "service": "/services/1",
    "teams": "/teams",
    "team": "/teams/1",
    "api-docs": "/api/docs",
    "offline": "/offline",
    "not-found": "/nowhere",
}


def main() -> None:
    """Draw all of them; fails when one is too large to keep."""
    OUT.mkdir(parents=True, exist_ok=True)
    for old in _pictures():
        old.unlink()
    with tempfile.TemporaryDirectory() as directory, chromium() as browser:
        with installation(Path(directory) / "demo", demo=True) as nightbell:
            _of_the_demo(browser, nightbell)
        with installation(Path(directory) / "new") as nightbell:
            _of_a_newcomer(browser, nightbell)
    pictures = _pictures()
    (OUT / "README.md").write_text(_index(pictures))
    large = [
        f"{picture.name}: {size} bytes" for picture in pictures if (size := picture.stat().st_size) > LARGEST
    ]
    sys.exit("\n".join(["too large:", *large]) if large else 0)


def _of_the_demo(browser: Browser, nightbell: Installation) -> None:
    door = browser.new_context()
    page = door.new_page()
    page.goto(f"{nightbell.base_url}/login")
    made = subprocess.run(
        [sys.executable, "-m", "app.cli", "demo", "load", "--json"],
        cwd=ROOT, env=nightbell.environ, check=True, capture_output=True, text=True,
    )  # fmt: skip
    way_in = json.loads(made.stdout)["sign_in"]
    page.fill("#email", way_in["email"])
    page.fill("#password", way_in["password"])
    page.get_by_role("button", name=re.compile("Sign in")).click()
    page.wait_for_url(f"{nightbell.base_url}/")
    page.locator(".big-title a").click()
    page.wait_for_url("**/alerts/*")
    alert = page.url
    page.goto(f"{nightbell.base_url}/incidents")
    incident = page.locator("main a[href^='/incidents/']").first.get_attribute("href") or "/incidents/1"
    state = door.storage_state()
    for size, scheme in _looks():
        context = _context(browser, size, scheme, storage_state=state)
        page = context.new_page()
        for name, path in SIGNED_IN.items():
            _draw(page, nightbell.base_url + path, f"{name}-{scheme}-{size}")
        _draw(page, alert, f"alert-{scheme}-{size}")
        _draw(page, nightbell.base_url + incident, f"incident-{scheme}-{size}")
        context.close()
    # last, since it changes what the others show
    page = door.new_page()
    page.goto(alert)
    page.get_by_role("button", name="Acknowledge").click()
    page.get_by_text("You have it").first.wait_for()
    for size, scheme in _looks():
        context = _context(browser, size, scheme, storage_state=state)
        _draw(context.new_page(), alert, f"alert-acknowledged-{scheme}-{size}")
        context.close()


def _of_a_newcomer(browser: Browser, nightbell: Installation) -> None:
    for size, scheme in _looks():
        page = _context(browser, size, scheme).new_page()
        _draw(page, nightbell.first_run_link, f"welcome-{scheme}-{size}")
        _draw(page, f"{nightbell.base_url}/login", f"login-{scheme}-{size}")
    door = browser.new_context()
    page = door.new_page()
    page.goto(nightbell.first_run_link)
    for field, value in {"organisation": "Example", "name": "Ada Okafor", "email": "ada@nightbell.example",
                         "password": "brass kettle orbit plum"}.items():  # fmt: skip
        page.fill(f"#{field}", value)
    page.get_by_role("button", name="Begin").click()
    page.wait_for_url("**/setup")
    state = door.storage_state()
    for size, scheme in _looks():
        page = _context(browser, size, scheme, storage_state=state).new_page()
        _draw(page, f"{nightbell.base_url}/setup", f"setup-{scheme}-{size}")
        for step in ("device", "team", "on-call", "service", "integration", "alert"):
            _draw(page, f"{nightbell.base_url}/setup/{step}", f"setup-{step}-{scheme}-{size}")


def _looks() -> list[tuple[str, str]]:
    return [(size, scheme) for size in SIZES for scheme in SCHEMES]


def _context(browser: Browser, size: str, scheme: str, **more: object) -> BrowserContext:
    width, height = SIZES[size]
    return browser.new_context(
        viewport={"width": width, "height": height}, color_scheme=scheme, reduced_motion="reduce", **more
    )  # type: ignore[arg-type]


def _draw(page: Page, address: str, name: str) -> None:
    page.goto(address, wait_until="networkidle")
    picture = OUT / f"{name}.png"
    page.screenshot(path=picture)
    if picture.stat().st_size <= LARGEST:
        return
    picture.unlink()
    picture = picture.with_suffix(".jpeg")
    for quality in (70, 60, 50):  # a full desk of text and figures; how full changes with the demo's days
        page.screenshot(path=picture, type="jpeg", quality=quality)
        if picture.stat().st_size <= LARGEST:
            return


def _pictures() -> list[Path]:
    return sorted(path for path in OUT.iterdir() if path.suffix in (".png", ".jpeg"))


def _index(pictures: list[Path]) -> str:
    by_stem = {picture.stem: picture.name for picture in pictures}
    names = sorted({picture.name.rsplit("-", 2)[0] for picture in pictures})
    lines = [
        "# Every screen",
        "",
        "Drawn by `bin/screens` from made-up data: phone 390×844, desk 1280×800.",
        "",
    ]
    lines += ["| screen | phone | desk |", "|---|---|---|"]
    for name in names:
        cells = [
            " · ".join(f"[{scheme}]({by_stem[f'{name}-{scheme}-{size}']})" for scheme in SCHEMES)
            for size in SIZES
        ]
        lines.append(f"| {name} | {cells[0]} | {cells[1]} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
