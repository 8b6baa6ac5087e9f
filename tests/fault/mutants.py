"""Guards of the product, each taken away by one function: what F-29 holds the fault tests against."""

from collections.abc import Callable
from itertools import count
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from app.database import db
from app.paging import deliver, page
from app.paging.models import Delivery


def without_token_check() -> None:
    """Believe any worker, however late it comes."""

    def held(claim: deliver.Claim) -> Delivery | None:
        return db.session.scalars(
            sa.select(Delivery)
            .where(Delivery.id == claim.delivery_id)
            .options(joinedload(Delivery.page), joinedload(Delivery.subscription))
        ).one_or_none()

    deliver._held = held


def without_skip_locked() -> None:
    """Claim and take steps without locking what is looked at: two engines see the same rows."""

    def unlocked(self: sa.Select[Any], **_: Any) -> sa.Select[Any]:
        return self

    sa.Select.with_for_update = unlocked  # type: ignore[method-assign, assignment]


def without_second_look() -> None:
    """Send what was claimed without asking whether it is still wanted."""
    deliver.WANTED = tuple(deliver.PageStatus)  # type: ignore[assignment]


def without_unique_page() -> None:
    """Never find that a page of this place exists already, and give each a key of its own."""
    number = count()
    original = page.Place.key

    def key(self: Any, kind: Any, user_id: int) -> str:
        return f"{original(self, kind, user_id)}:{id(self)}:{next(number)}"

    page.Place.key = key  # type: ignore[method-assign]


MUTANTS: dict[str, Callable[[], None]] = {
    "token_check": without_token_check,
    "skip_locked": without_skip_locked,
    "second_look": without_second_look,
    "unique_page": without_unique_page,
}
