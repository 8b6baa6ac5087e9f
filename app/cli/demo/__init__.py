"""A made-up organisation with three months of history: what `bin/run --demo` shows. It never pages anyone.

Everything in it was done by the product's own verbs at moments that lie back, so that screens, figures and
timelines show what they would show of real life. While the organisation is marked as made up, no delivery
leaves the machine, whatever devices people add to it (`app.paging.deliver`).
"""

import base64
import gc
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from flask import current_app

from app.cli.demo import cast, covers
from app.cli.demo.days import History
from app.people import passwords, queries

DAYS = 90
SEED = 20261112


class NotEmpty(Exception):
    """The database belongs to somebody, in words."""


@dataclass(frozen=True)
class SignIn:
    """How to look around: the made-up administrator's address and password."""

    email: str
    password: str

    @property
    def says(self) -> str:
        return f"Sign in as {self.email} with the password {self.password}"


def is_loaded() -> bool:
    """Whether this database holds the made-up organisation."""
    return queries.is_made_up()


def sign_in() -> SignIn:
    """The made-up administrator's way in. The password follows from this installation's key, so that it can be
    said again at every start and is another one everywhere else.
    """
    secret = current_app.config["settings"].secret_key.encode()
    letters = base64.b32encode(hmac.digest(secret, b"demo administrator", "sha256")).decode().lower()
    password = "-".join(letters[start : start + 4] for start in range(0, 20, 4))
    return SignIn(cast.email_of(cast.ADMINISTRATOR), password)


def load(*, at: datetime, days: int = DAYS) -> dict[str, int]:
    """Fill the empty database with what led up to `at`; answers how much of what there is. Takes seconds.

    Opens transactions of its own. Raises NotEmpty where there are people or an organisation already.
    """
    if queries.organisation() is not None or queries.active_users():
        raise NotEmpty(
            "This database has people in it already; the made-up organisation needs an empty one. "
            "Point NIGHTBELL_INSTANCE_DIR at an empty directory for it."
        )
    gc.disable()  # a million objects, hardly a circle among them: looking takes a quarter of the time
    try:
        return _play(at.replace(second=0, microsecond=0), days)
    finally:
        gc.enable()


def _play(at: datetime, days: int) -> dict[str, int]:
    begin = at - timedelta(days=days)
    people = cast.Cast.make(
        at=begin - timedelta(days=1), on_call_at=at, password_hash=passwords.hashed(sign_in().password)
    )
    history = History(people, Random(SEED), begin=begin, now=at)  # a made-up history, the same every time # nosec B311
    history.play()
    covers.arrange(at=at)
    return history.count()
