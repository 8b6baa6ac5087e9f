"""Looking into a parsed document without trusting its shape."""

import json
from typing import TypeAlias

from app.domain.text import one_line, prose, storable

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"

NAME_LIMIT = 255
VALUE_LIMIT = 4_096
MOST_ENTRIES = 128


def words(value: Json) -> str | None:
    """A value as the text a person would write for it; None for null.

    Whole numbers lose their decimal point, truth is written `true`, and a list or object is compact JSON with
    sorted names, so equal values give equal text.
    """
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return str(int(value))
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def word(value: Json) -> str | None:
    """A single value as text: None for null, a blank string, a list or an object."""
    if isinstance(value, list | dict):
        return None
    text = words(value)
    return text if text and text.strip() else None


def members(value: Json) -> dict[str, Json]:
    """The members of an object; none when the value is anything else."""
    return value if isinstance(value, dict) else {}


def elements(value: Json) -> list[Json]:
    """The elements of a list; none when the value is anything else."""
    return value if isinstance(value, list) else []


def pairs(value: Json) -> dict[str, str]:
    """The members of an object as names and text, for labels and annotations; what is null or blank is left
    out.

    Names stay as they are. Nested values become compact JSON. At most `MOST_ENTRIES` are kept, in order.
    """
    found: dict[str, str] = {}
    for name, inner in members(value).items():
        text = words(inner)
        if text is None or not (kept := prose(text, limit=VALUE_LIMIT)):
            continue
        found[storable(name)[:NAME_LIMIT]] = kept
        if len(found) == MOST_ENTRIES:
            break
    return found


def brief(value: Json) -> str | None:
    """A single value as one short line, such as a service's or a host's name; None when there is none."""
    text = word(value)
    return (one_line(text, limit=NAME_LIMIT) or None) if text else None
