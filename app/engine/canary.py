"""Keep a canary on its way: one into the public intake every minute, each that came in to its destination."""

import logging
import threading
import time
from collections.abc import Callable
from functools import partial
from urllib.parse import urlsplit

import requests
from flask import Flask

from app import clock
from app.config import Settings
from app.database import db, transaction
from app.outbound import Outbound
from app.paging import canary
from app.paging.channels.outcome import Accepted
from app.paging.vapid import KeyRing
from app.paging.webpush import WebPush

log = logging.getLogger(__name__)

EVERY, AGAIN = 60.0, 10.0  # seconds between two, and after one that did not come in


class CanaryRound:
    """`beside` runs what waits for the network, so that the loop does not."""

    def __init__(self, app: Flask, *, beside: Callable[[Callable[[], None]], None]) -> None:
        settings: Settings = app.config["settings"]
        self._app, self._beside, self._url = app, beside, settings.proven_at
        self._next = 0.0
        self._on_the_way = threading.Event()
        if self._url is not None:
            # our own address: it may be on this machine or in the operator's own network
            own = urlsplit(self._url).netloc
            self._client = Outbound(named_hosts=(own,), private=True)
            self._line = WebPush(KeyRing.from_settings(settings), push_hosts=(own,), client=self._client)

    def step(self) -> int:
        """Start what is due: never waits."""
        if self._url is None:
            return 0
        if time.monotonic() >= self._next and not self._on_the_way.is_set():
            self._next = time.monotonic() + EVERY
            self._on_the_way.set()
            self._beside(self._send_in)
        if not self._waits():
            return 0
        with transaction():
            nonces = canary.take_up(clock.now())
        for nonce in nonces:
            self._beside(partial(self._send_on, nonce))
        return len(nonces)

    def close(self) -> None:
        if self._url is not None:
            self._line.close()

    @staticmethod
    def _waits() -> bool:
        """A look without the write lock, since most rounds have nothing to do here."""
        db.session.rollback()
        return canary.waits()

    def _send_in(self) -> None:
        """As a monitoring tool would, from outside, by the public address."""
        try:
            with self._app.app_context():
                address = f"{self._url}/intake/{canary.intake_key()}"
            answer = self._client.post(address, json={"canary": canary.new_nonce()})
            if answer.status_code == 202:
                return
            log.warning("our own intake answered the canary with %s", answer.status_code)
        except requests.RequestException as error:
            log.warning("our own intake could not be reached by the canary: %s", type(error).__name__)
        finally:
            self._on_the_way.clear()
        self._next = time.monotonic() + AGAIN

    def _send_on(self, nonce: str) -> None:
        with self._app.app_context():
            device, address = canary.device(), f"{self._url}/canary/{canary.token()}"
        outcome = self._line.send(
            address, device.p256dh, device.auth, canary.message(nonce),
            ttl=60, urgency="high", topic="canary",
        )  # fmt: skip
        if not isinstance(outcome, Accepted):
            log.warning("the canary did not arrive: %s", outcome)
