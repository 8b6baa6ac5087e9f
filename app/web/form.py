"""Read a form: what was typed is kept, what is wrong is said beside its field."""

from datetime import UTC, datetime

from flask import request

from app.domain.invalid import LARGEST_ID, InvalidField
from app.domain.zone import instant
from app.web.words import viewer_zone


def as_number(text: str) -> int:
    """The whole number that a form or a link says. Raises ValueError for what is none, or larger than the
    database can ask for.
    """
    if len(text) > 20 or abs(number := int(text)) > LARGEST_ID:
        raise ValueError("no number of ours")
    return number


def row_number(text: str) -> int:
    """The number of a row that a form or a link names; 0, which none has, where it is none."""
    try:
        return max(0, as_number(text))
    except ValueError:
        return 0


def typed(*names: str) -> dict[str, str]:
    """These fields as they were typed; a missing one is empty. They are shown again when something is wrong."""
    return {name: request.form.get(name, "") for name in names}


def problems_of(invalid: InvalidField) -> dict[str, str]:
    """The sentence for each field of a flat form."""
    return {pointer.strip("/"): sentence for pointer, sentence in reversed(invalid.errors)}


def typed_moment(text: str | None) -> datetime | None:
    """What a form or a link says; without a zone it is the viewer's. None for nonsense."""
    try:
        read = datetime.fromisoformat((text or "").strip().replace(" ", "+"))
        if not 2000 <= read.year < 2100:
            return None
        return instant(read, viewer_zone()) if read.tzinfo is None else read.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
