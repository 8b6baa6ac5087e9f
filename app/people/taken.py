"""A name somebody else took in the same moment."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import IntegrityError

from app.database import db
from app.domain.invalid import InvalidField


@contextmanager
def refused_if_taken(**errors: str) -> Iterator[None]:
    """Write what is unique; where another transaction came first, say so as a form's error.

    Only what is flushed inside is undone; the transaction goes on.
    """
    try:
        with db.session.begin_nested():
            yield
    except IntegrityError as taken:
        raise InvalidField([(f"/{field}", sentence) for field, sentence in errors.items()]) from taken
