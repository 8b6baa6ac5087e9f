"""The page that shows an integration's key, the one time it can be seen."""

from datetime import timedelta

import sqlalchemy as sa
from flask import current_app, render_template, url_for
from flask.typing import ResponseReturnValue

from app import clock
from app.alerts import integrations
from app.alerts.models import Integration, Service
from app.alerts.sources.kinds import Kind
from app.database import db
from app.domain.invalid import Faults
from app.people.models import User

SAME_CLICK = timedelta(minutes=1)
KINDS = (
    (Kind.ALERTMANAGER, "Prometheus Alertmanager", "Its webhook, one alert each."),
    (Kind.EVENTS_V2, "Events API v2", "Anything that can speak to PagerDuty, and curl."),
    (Kind.GENERIC, "Any JSON", "A webhook whose fields you map."),
)
ADDRESSES = {Kind.EVENTS_V2: "/v2/enqueue"}


def open_door(service: Service, name: str, kind: str, *, by: User) -> tuple[Integration, str]:
    """A new integration and its key. A second click within a minute is the first one's: as nobody has seen or
    used that key, it is changed, and this one shown. Raises InvalidField about `name` or `kind`.
    """
    faults = Faults()
    name = faults.name(name)
    if kind not in Kind.__members__.values():
        faults.add("/kind", f"One of {', '.join(Kind)}.")
    faults.stop_if_any()
    now = clock.now()
    same = [one for one in of_service(service) if one.name.lower() == name.lower()]
    if not same:
        return integrations.create(service=service, name=name, kind=Kind(kind), by=by, at=now)
    if same[0].last_used_at is None and now - same[0].created_at < SAME_CLICK and same[0].kind == kind:
        return same[0], integrations.replace_keys(same[0], by=by, at=now)
    faults.add("/name", "This service has an integration of this name. Its key was shown when it was made.")
    faults.stop_if_any()
    raise AssertionError("a fault was added, so the line above does not pass")


def of_service(service: Service) -> list[Integration]:
    """The service's open doors, oldest first."""
    rows = sa.select(Integration).where(Integration.service_id == service.id, Integration.is_active)
    return list(db.session.scalars(rows.order_by(Integration.id)))


def address_of(integration: Integration, key: str) -> str:
    """Where its alerts go. The key is part of the address, except where the protocol has a place for it."""
    base = str(current_app.config["settings"].base_url)
    return base + ADDRESSES.get(Kind(integration.kind), f"/intake/{key}")


def show_key(integration: Integration, key: str, *, onward: str, word: str) -> ResponseReturnValue:
    """The key, this once, with the lines to paste. Never kept by a browser (no-store), never in an address."""
    return render_template(
        "services/key.html",
        integration=integration,
        key=key,
        address=address_of(integration, key),
        onward=onward,
        word=word,
        back=url_for("services.show", number=integration.service_id),
    )
