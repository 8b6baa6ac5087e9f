"""Read a form: what was typed is kept, what is wrong is said beside its field."""

from datetime import UTC, datetime

from flask import request

from app.domain.invalid import InvalidField
from app.domain.zone import instant
from app.web.words import viewer_zone


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
