"""A page of a list, in an order that holds still: cursors instead of offsets.

A cursor names the last thing shown by its place in the order, so that rows which come and go shift nothing.
"""

import base64
import json
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, TypeVar
from urllib.parse import urlencode

import sqlalchemy as sa
from flask import after_this_request, current_app, request
from flask.wrappers import Response
from sqlalchemy.orm import InstrumentedAttribute

from app.database import UtcDateTime, db
from app.domain.invalid import LARGEST_ID
from app.web.api.problems import Problem
from app.web.api.shapes.common import Listing, ListQuery, Shape

Row = TypeVar("Row")
Item = TypeVar("Item", bound=Shape)


def identity(text: str) -> int:
    """The number behind an opaque id; 0, which nothing has, when it is no id of ours."""
    number = int(text) if text.isascii() and text.isdecimal() and len(text) <= 10 else 0
    return number if number <= LARGEST_ID and str(number) == text else 0


def listing(
    select: sa.Select[Row],
    query: ListQuery,
    make: Callable[[Sequence[Row]], list[Item]],
    *,
    by: Sequence[InstrumentedAttribute[Any]],
    descending: bool = False,
) -> Listing[Item]:
    """The page of `select` that `query` asks for, made shapes by `make`, in the order of `by`.

    `by` are moments and numbers, the last of them unique. Sends `Link: <…>; rel="next"` when there is more.
    Raises Problem 422 for a cursor that is not of this list and order.
    """
    order = [column.key for column in by] + ["desc"] * descending
    if query.cursor is not None:
        here, there = sa.tuple_(*by), sa.tuple_(*_place(query.cursor, order, by))
        select = select.where(here < there if descending else here > there)
    select = select.order_by(*(column.desc() if descending else column.asc() for column in by))
    rows = db.session.scalars(select.limit(query.limit + 1)).unique().all()
    more = len(rows) > query.limit
    rows = rows[: query.limit]
    next_cursor = _cursor(order, [getattr(rows[-1], column.key) for column in by]) if more else None
    if next_cursor is not None:
        _link_to(next_cursor)
    return Listing(items=make(rows), next_cursor=next_cursor)


def _cursor(order: list[str], values: list[Any]) -> str:
    place = [value.isoformat() if isinstance(value, datetime) else value for value in values]
    return base64.urlsafe_b64encode(json.dumps([order, place]).encode()).rstrip(b"=").decode()


def _place(cursor: str, order: list[str], by: Sequence[InstrumentedAttribute[Any]]) -> list[Any]:
    try:
        told, place = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if told != order or len(place) != len(by):
            raise ValueError("of another order")
        return [sa.literal(_value(each, column), column.type) for each, column in zip(place, by, strict=True)]
    except (ValueError, TypeError, RecursionError) as error:
        raise Problem(
            422,
            "A parameter is not as expected.",
            errors=[{"pointer": "?cursor", "detail": "This is no cursor of this list in this order."}],
        ) from error


def _value(told: Any, column: InstrumentedAttribute[Any]) -> Any:
    if isinstance(column.type, UtcDateTime):
        moment = datetime.fromisoformat(told)
        if moment.tzinfo is None or not 1970 <= moment.year < 2200:
            raise ValueError("not a moment of ours")
        return moment
    if not isinstance(told, int) or isinstance(told, bool) or not 0 <= told <= LARGEST_ID:
        raise ValueError("not a number of ours")
    return told


def _link_to(cursor: str) -> None:
    parameters = [(name, text) for name, texts in request.args.lists() if name != "cursor" for text in texts]
    asked = urlencode([*parameters, ("cursor", cursor)])
    address = f"{current_app.config['settings'].base_url}{request.path}?{asked}"

    @after_this_request
    def add_link(response: Response) -> Response:
        response.headers["Link"] = f'<{address}>; rel="next"'
        return response


def each(make: Callable[[Row], Item]) -> Callable[[Sequence[Row]], list[Item]]:
    """`make` for every row of a page."""
    return lambda rows: [make(row) for row in rows]
