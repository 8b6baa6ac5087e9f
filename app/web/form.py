"""Read a form: what was typed is kept, what is wrong is said beside its field."""

from flask import request

from app.domain.invalid import InvalidField


def typed(*names: str) -> dict[str, str]:
    """These fields as they were typed; a missing one is empty. They are shown again when something is wrong."""
    return {name: request.form.get(name, "") for name in names}


def problems_of(invalid: InvalidField) -> dict[str, str]:
    """The sentence for each field of a flat form."""
    return {pointer.strip("/"): sentence for pointer, sentence in reversed(invalid.errors)}
