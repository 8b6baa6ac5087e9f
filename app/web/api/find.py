"""Rows by the opaque ids of addresses and bodies."""

from typing import Any, TypeVar

import sqlalchemy as sa

from app.database import Model, db
from app.web.api.listing import identity
from app.web.api.problems import not_found, unprocessable

Row = TypeVar("Row", bound=Model)


def found(model: type[Row], id: str, noun: str) -> Row:
    """The row an address names. Raises Problem 404."""
    row = db.session.get(model, identity(id))
    if row is None:
        raise not_found(noun)
    return row


def named(model: type[Row], id: str, noun: str, pointer: str) -> Row:
    """The row a field of the body names. Raises Problem 422 that points at the field."""
    row = db.session.get(model, identity(id))
    if row is None:
        raise unprocessable(pointer, f"There is no {noun} with this id.")
    return row


def numbers(ids: list[str]) -> list[int]:
    """Several ids of a filter; what is no id of ours matches nothing."""
    return [identity(each) for each in ids]


def by_id_or_name(model: Any, texts: list[str]) -> sa.ColumnElement[bool]:
    """Rows of which an id or an exact name is among `texts`."""
    return sa.or_(model.id.in_(numbers(texts)), model.name.in_(texts))
