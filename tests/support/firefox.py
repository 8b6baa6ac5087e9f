"""A real, headless Firefox, driven over Marionette and connected to our own push service.

There is no geckodriver to be had from Debian or PyPI, and the protocol is simple: length and JSON over TCP.
Notifications are Firefox's own windows, so that a test can see them, press them and wave them away.
"""

import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from tests.support import browsers
from tests.support.waiting import until

PREFERENCES: dict[str, bool | int | str] = {
    "dom.push.testing.allowInsecureServerURL": True,
    "dom.push.connection.enabled": True,
    "dom.push.retryBaseInterval": 200,
    "permissions.default.desktop-notification": 1,
    "dom.webnotifications.requireuserinteraction": False,
    "dom.webnotifications.disable_open_click_delay": 60000,
    "alerts.useSystemBackend": False,
    "dom.webnotifications.requireinteraction.count": 100,  # 3, and the next would wait for ever
    "services.settings.server": "data:,#remote-settings-dummy/v1",
    "app.normandy.enabled": False,
    "app.update.enabled": False,
    "extensions.update.enabled": False,
    "toolkit.telemetry.enabled": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "browser.safebrowsing.downloads.enabled": False,
    "browser.shell.checkDefaultBrowser": False,
}


class MarionetteError(Exception):
    """Firefox could not do what was asked; says what it said."""


@dataclass(frozen=True)
class Alert:
    """A notification on the screen."""

    title: str
    body: str
    id: str


class Firefox:
    """`with Firefox(service.socket_url) as firefox:` — a fresh profile each time."""

    def __init__(self, push_socket_url: str, **preferences: bool | int | str) -> None:
        self._program = browsers.find("firefox-esr", "firefox")
        self._preferences = PREFERENCES | {"dom.push.serverURL": push_socket_url} | preferences
        self._last = 0

    def __enter__(self) -> Self:
        self._home = Path(tempfile.mkdtemp(prefix="firefox-"))
        port = _free_port()
        lines = (
            f"user_pref({json.dumps(name)}, {json.dumps(value)});"
            for name, value in {**self._preferences, "marionette.port": port}.items()
        )
        (self._home / "user.js").write_text("\n".join(lines))
        command = [self._program, "--headless", "--no-remote", "--marionette", "-remote-allow-system-access"]
        self._process = subprocess.Popen(
            [*command, "--profile", str(self._home), "about:blank"],
            env=os.environ | {"HOME": str(self._home), "MOZ_CRASHREPORTER_DISABLE": "1"},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            self._socket = until(lambda: _connect(port), within=60, every=0.1, what="Firefox listens")
            self._stream = self._socket.makefile("rwb")
            self._read()  # its greeting
            self._ask("WebDriver:NewSession", {"capabilities": {}})
            self._ask("WebDriver:SetTimeouts", {"script": 20000, "pageLoad": 20000})
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(self, *exception: object) -> None:
        self._stream.close()
        self._socket.close()
        self._end()

    # Pages

    def navigate(self, url: str) -> None:
        self._ask("WebDriver:Navigate", {"url": url})

    def open_tab(self, url: str) -> None:
        """A second tab, in front; the first one stays open."""
        tab = self._ask("WebDriver:NewWindow", {"type": "tab"})
        self._ask("WebDriver:SwitchToWindow", {"handle": tab["handle"]})
        self.navigate(url)

    def url(self) -> str:
        return str(self._ask("WebDriver:GetCurrentURL"))

    def urls(self) -> list[str]:
        """The address of every open tab."""
        look = "return gBrowser.tabs.map((tab) => tab.linkedBrowser.currentURI.spec)"
        return list(
            self.chrome(f"const {{ gBrowser }} = Services.wm.getMostRecentWindow('navigator:browser'); {look}")
        )

    def switch_to(self, path: str) -> None:
        """Go on in the tab whose address ends in `path`, once there is one."""

        def found() -> bool:
            for handle in self._ask("WebDriver:GetWindowHandles"):
                self._ask("WebDriver:SwitchToWindow", {"handle": handle})
                if self.url().endswith(path):
                    return True
            return False

        until(found, within=10, every=0.1, what=f"a tab at …{path}")

    def leave_only_blank(self) -> None:
        """Close every tab but one blank one: no page of the app is open any more."""
        handles = list(self._ask("WebDriver:GetWindowHandles"))
        for handle in handles[1:]:
            self._ask("WebDriver:SwitchToWindow", {"handle": handle})
            self._ask("WebDriver:CloseWindow")
        self._ask("WebDriver:SwitchToWindow", {"handle": handles[0]})
        self.navigate("about:blank")

    def script(self, body: str, *args: Any) -> Any:
        """Run in the page; `return` gives the answer."""
        return self._ask("WebDriver:ExecuteScript", {"script": body, "args": list(args)})

    def async_script(self, body: str, *args: Any) -> Any:
        """Run in the page with `await`; what the body returns is the answer, what it throws is raised."""
        wrapped = (
            "const finish = arguments[arguments.length - 1]; const args = [...arguments].slice(0, -1);"
            f"(async (...args) => {{ {body} }})(...args)"
            ".then((value) => finish({ value }), (error) => finish({ error: String(error) }));"
        )
        answer = self._ask("WebDriver:ExecuteAsyncScript", {"script": wrapped, "args": list(args)})
        if "error" in answer:
            raise MarionetteError(answer["error"])
        return answer.get("value")

    def wait_for(self, condition: str, *args: Any, within: float = 10.0) -> Any:
        """Wait until the condition, an expression in the page, is true; give what it is. A page that is only
        just coming has no body yet.
        """
        look = f"return document.body && ({condition})"
        return until(lambda: self.script(look, *args), within=within, every=0.05, what=condition)

    # The browser around them

    def chrome(self, body: str, *args: Any) -> Any:
        """Run with the browser's own rights."""
        self._ask("Marionette:SetContext", {"value": "chrome"})
        try:
            return self._ask("WebDriver:ExecuteScript", {"script": body, "args": list(args)})
        finally:
            self._ask("Marionette:SetContext", {"value": "content"})

    def clear_site_data(self) -> None:
        """Forget what every site keeps, as "Clear cookies and site data" in the settings does."""
        self.chrome(
            "const { CLEAR_COOKIES_AND_SITE_DATA: all } = Ci.nsIClearDataService;"
            "Services.clearData.deleteData(all, { onDataDeleted() {} });"
        )

    def notifications(self) -> list[Alert]:
        """What is on the screen now, oldest first."""
        found = self.chrome(
            """
            const words = (window, id) => {
              const label = window.document.getElementById(id);
              return label?.value || label?.getAttribute("value") || label?.textContent || "";
            };
            return [...Services.wm.getEnumerator("alert:alert")].map((window) => ({
              title: words(window, "alertTitleLabel"), body: words(window, "alertTextLabel"),
              id: String(window.docShell.outerWindowID),
            }));
            """
        )
        return [Alert(**alert) for alert in found]

    def wait_for_notification(self, title: str, *, within: float = 10.0) -> Alert:
        """The notification that begins with this title, once it is on the screen."""

        def look() -> Alert | None:
            return next((alert for alert in self.notifications() if alert.title.startswith(title)), None)

        alert = until(look, within=within, every=0.05, what=f"a notification {title!r}")
        assert alert is not None
        return alert

    def press_body(self, alert: Alert) -> None:
        self._with_alert(alert, "window.document.documentElement.click()")

    def press_action(self, alert: Alert, action: str) -> None:
        """Press one of its buttons, which this kind of notification has no room to draw."""
        self._with_alert(
            alert,
            """
            window.gAlertListener.observe({
              action: args[1], title: args[1], iconURL: "", windowsSystemActivationType: false,
              opaqueRelaunchData: "", navigate: null,
              QueryInterface: ChromeUtils.generateQI(["nsIAlertAction"]),
            }, "alertclickcallback", window.gAlertCookie);
            """,
            action,
        )

    def dismiss(self, alert: Alert) -> None:
        self._with_alert(alert, "window.document.getElementById('alert-close').doCommand()")

    def close_notifications(self) -> None:
        """Take everything off the screen, without the page hearing of it."""
        self.chrome("for (const window of [...Services.wm.getEnumerator('alert:alert')]) window.close()")
        until(lambda: not self.notifications(), what="an empty screen")

    def _with_alert(self, alert: Alert, act: str, *more: Any) -> None:
        self.chrome(
            f"""
            const args = [...arguments];
            for (const window of Services.wm.getEnumerator("alert:alert"))
              if (String(window.docShell.outerWindowID) === args[0]) {{ {act}; return; }}
            throw new Error("this notification is gone");
            """,
            alert.id,
            *more,
        )

    # The wire

    def _ask(self, command: str, parameters: dict[str, Any] | None = None) -> Any:
        self._last += 1
        message = json.dumps([0, self._last, command, parameters or {}]).encode()
        self._stream.write(b"%d:%s" % (len(message), message))
        self._stream.flush()
        _, number, error, result = self._read()
        assert number == self._last
        if error:
            raise MarionetteError(f"{command}: {error.get('error')}: {error.get('message')}")
        return result["value"] if isinstance(result, dict) and set(result) == {"value"} else result

    def _read(self) -> Any:
        length = b""
        while (byte := self._stream.read(1)) != b":":
            if not byte:
                raise MarionetteError("Firefox has gone")
            length += byte
        return json.loads(self._stream.read(int(length)))

    def _end(self) -> None:
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)  # the group that we started, content processes too
        self._process.wait()
        shutil.rmtree(self._home, ignore_errors=True)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def _connect(port: int) -> socket.socket | None:
    try:
        connection = socket.create_connection(("127.0.0.1", port), timeout=60)
    except OSError:
        return None
    return connection
