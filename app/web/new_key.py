"""The page that shows an integration's key, the one time it can be seen."""

from datetime import datetime, timedelta

import sqlalchemy as sa
from flask import render_template, url_for
from flask.typing import ResponseReturnValue

from app import clock
from app.alerts import integrations
from app.alerts.models import Integration, Service
from app.alerts.sources.kinds import Kind
from app.database import db
from app.domain.heartbeat import spoken
from app.domain.invalid import Faults
from app.people.models import User
from app.web.addresses import integration_address, integration_url

SAME_CLICK = timedelta(minutes=1)
SENDERS = (
    (Kind.ALERTMANAGER, "Prometheus Alertmanager", "Its webhook, one alert each."),
    (Kind.EVENTS_V2, "Events API v2", "Anything that can speak to PagerDuty, and curl."),
    (Kind.GENERIC, "Any JSON", "A webhook whose fields you map."),
)
KINDS = (
    *SENDERS,
    (Kind.HEARTBEAT, "Heartbeat", "A job, or another Nightbell: an alert when it falls silent."),
)
SILENCES = tuple(
    (str(minutes), spoken(timedelta(minutes=minutes)))
    for minutes in (3, 5, 10, 15, 30, 60, 2 * 60, 6 * 60, 12 * 60, 26 * 60, 8 * 24 * 60, 32 * 24 * 60)
)  # an hour or a day more than what comes hourly, daily, weekly or monthly
LASTS = (("", "Until I end it"), ("30", "30 days"), ("90", "90 days"), ("365", "A year"))


def expiry_chosen(days: str, *, at: datetime) -> datetime | None:
    """When a new key ends, by the choice in `LASTS`; None: not by itself. Raises InvalidField about `lasts`."""
    faults = Faults()
    if days not in dict(LASTS):
        faults.add("/lasts", "Choose how long it lasts.")
    faults.stop_if_any()
    return at + timedelta(days=int(days)) if days else None


def open_door(
    service: Service, name: str, kind: str, *, by: User, expires_at: datetime | None = None, silence: str = ""
) -> tuple[Integration, str]:
    """A new integration and its key. A second click within a minute is the first one's: as nobody has seen or
    used that key, it is changed, and this one shown. Raises InvalidField about `name` or `kind`.
    """
    faults = Faults()
    name = faults.name(name)
    if kind not in Kind.__members__.values():
        faults.add("/kind", f"One of {', '.join(Kind)}.")
    if silence and silence not in dict(SILENCES):
        faults.add("/silence", "Choose how long it may be silent.")
    faults.stop_if_any()
    now = clock.now()
    same = [one for one in of_service(service) if one.name.lower() == name.lower()]
    if not same:
        return integrations.create(
            service=service, name=name, kind=Kind(kind), by=by, at=now, expires_at=expires_at,
            silent_after_minutes=int(silence) if silence and kind == Kind.HEARTBEAT else None,
        )  # fmt: skip
    if same[0].last_used_at is None and now - same[0].created_at < SAME_CLICK and same[0].kind == kind:
        return same[0], integrations.replace_keys(same[0], by=by, at=now, expires_at=expires_at)
    faults.add("/name", "This service has an integration of this name. Its key was shown when it was made.")
    faults.stop_if_any()
    raise AssertionError("a fault was added, so the line above does not pass")


def of_service(service: Service) -> list[Integration]:
    """The service's open doors, oldest first."""
    rows = sa.select(Integration).where(Integration.service_id == service.id, Integration.is_active)
    return list(db.session.scalars(rows.order_by(Integration.id)))


def show_key(integration: Integration, key: str, *, onward: str, word: str) -> ResponseReturnValue:
    """The key, this once, with the lines to paste. Never kept by a browser (no-store), never in an address.

    First where the key goes in a header or the body; an address that holds it stands in logs on its way
    (SEC-4), so that form is for senders that cannot set a header.
    """
    address, with_key = integration_address(integration.kind), integration_url(integration.kind, key)
    return render_template(
        "services/key.html",
        integration=integration,
        key=key,
        address=address,
        with_key=None if with_key == address else with_key,
        onward=onward,
        word=word,
        back=url_for("services.show", number=integration.service_id),
    )
