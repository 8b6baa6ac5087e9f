"""A database whose answer is kept back on the way, as by a network that was lost and came again."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import sqlalchemy as sa

from app.database import db


@contextmanager
def to_the_next_commit(meanwhile: Callable[[], object]) -> Iterator[None]:
    """What is committed next is committed; whoever asked for it learns so only after `meanwhile`."""
    waiting = [meanwhile]

    def keep_back(_session: object) -> None:
        if waiting:
            waiting.pop()()

    sa.event.listen(db.session, "after_commit", keep_back)
    try:
        yield
    finally:
        sa.event.remove(db.session, "after_commit", keep_back)
