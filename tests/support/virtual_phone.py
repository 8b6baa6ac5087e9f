"""A phone in Chromium: passkeys by its virtual authenticator, pushes by a stand-in device.

Chromium cannot subscribe without its vendor's push service, so `subscribe` answers with a stand-in device of
the local one; everything behind it is real.
"""

import json
from typing import Any

from playwright.sync_api import BrowserContext, Page

from tests.support.stand_in import StandIn

KEY = {
    "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
    "isUserVerified": True, "automaticPresenceSimulation": True,
}  # fmt: skip
SUBSCRIBE = """(() => {
  const line = LINE, key = "KEY".replaceAll("-", "+").replaceAll("_", "/");
  const applicationServerKey = Uint8Array.from(atob(key), (c) => c.charCodeAt(0)).buffer;
  const open = () => ({ ...line, options: { applicationServerKey }, toJSON: () => line,
    unsubscribe: async () => { localStorage.removeItem("line"); return true; } });
  PushManager.prototype.subscribe = async () => { localStorage.setItem("line", "open"); return open(); };
  PushManager.prototype.getSubscription = async () => (localStorage.getItem("line") ? open() : null);
})()"""


def with_authenticator(context: BrowserContext, **changes: bool) -> tuple[Page, Any, str]:
    """A tab with a passkey authenticator: the tab, its developer tools, and the authenticator's name there."""
    page = context.new_page()
    # the virtual one answers the offer beside the email field by itself, before anybody has tapped
    page.add_init_script("PublicKeyCredential.isConditionalMediationAvailable = async () => false")
    tools = context.new_cdp_session(page)
    tools.send("WebAuthn.enable")
    made = tools.send("WebAuthn.addVirtualAuthenticator", {"options": KEY | changes})
    return page, tools, made["authenticatorId"]


def let_ring(context: BrowserContext, device: StandIn, key: str) -> None:
    """From the next page on, subscribing with the server's `key` gives `device`."""
    context.add_init_script(SUBSCRIBE.replace("LINE", json.dumps(device.to_json())).replace("KEY", key))
