"""Rows by the opaque ids of addresses and bodies."""

from typing import Any, TypeVar

import sqlalchemy as sa

from app.database import Model, db
from app.incidents import access
from app.incidents import queries as incidents
from app.incidents.models import Incident
from app.people.rights import Act, NotAllowed, who_may
from app.web.api.auth import me
from app.web.api.listing import identity
from app.web.api.problems import not_found, unprocessable

Row = TypeVar("Row", bound=Model)


def found(model: type[Row], id: str, noun: str, *, among: sa.ColumnElement[bool] | None = None) -> Row:
    """The row an address names, `among` those the caller may see. Raises Problem 404."""
    row = _row(model, id, among)
    if row is None:
        raise not_found(noun)
    return row


def named(
    model: type[Row], id: str, noun: str, pointer: str, *, among: sa.ColumnElement[bool] | None = None
) -> Row:
    """The row a field of the body names, `among` those the caller may see. Raises Problem 422 that points at
    the field.
    """
    row = _row(model, id, among)
    if row is None:
        raise unprocessable(pointer, f"There is no {noun} with this id.")
    return row


def worked_on(incident_id: str) -> Incident:
    """The incident that a body names, locked, for the caller to work on. Raises Problem 422 and NotAllowed."""
    incident = incidents.locked(identity(incident_id))
    if incident is None or not access.may_see_incident(me(), incident):
        raise unprocessable("#/incident_id", "There is no incident with this id.")
    if not access.may_work(me(), incident):
        raise NotAllowed(who_may(Act.RESPOND))
    return incident


def _row(model: type[Row], id: str, among: sa.ColumnElement[bool] | None) -> Row | None:
    if among is None:
        return db.session.get(model, identity(id))
    key: sa.ColumnElement[int] = sa.inspect(model).primary_key[0]
    return db.session.scalars(sa.select(model).where(key == identity(id), among)).one_or_none()


def numbers(ids: list[str]) -> list[int]:
    """Several ids of a filter; what is no id of ours matches nothing."""
    return [identity(each) for each in ids]


def by_id_or_name(model: Any, texts: list[str]) -> sa.ColumnElement[bool]:
    """Rows of which an id or an exact name is among `texts`."""
    return sa.or_(model.id.in_(numbers(texts)), model.name.in_(texts))
