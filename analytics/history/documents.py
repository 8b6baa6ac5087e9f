"""JSON files of bounded size, as lists of incidents."""

import json
from pathlib import Path
from typing import Any

from analytics.history.understood import NotUnderstood

LARGEST = 200_000_000  # bytes: JSON is read whole


def incidents_of(file: Path, noun: str) -> list[dict[str, Any]]:
    """The list under "incidents", or the list the file is; or pages of such lists, one after the other."""
    if file.stat().st_size > LARGEST:
        raise NotUnderstood(
            f"{file} is over {LARGEST // 1_000_000} MB: JSON is read whole, so give it in parts"
        )
    try:
        said = json.loads(file.read_text(encoding="utf-8-sig"))
    except (UnicodeDecodeError, json.JSONDecodeError) as problem:
        raise NotUnderstood(f"{file} is not JSON: {problem}") from problem
    pages = said if isinstance(said, list) else [said]
    found: list[Any] = []
    for page in pages:
        if isinstance(page, dict) and isinstance(page.get("incidents"), list):
            found += page["incidents"]
        elif isinstance(page, dict) and "id" in page:
            found.append(page)
        else:
            raise NotUnderstood(f"{file} is not {noun}: it has no list of incidents")
    if not all(isinstance(one, dict) for one in found):
        raise NotUnderstood(f"{file} is not {noun}: an incident in it is no object")
    return found


def refuse_without(found: list[dict[str, Any]], names: tuple[str, ...], wrong: str) -> None:
    """Another product's list has ids and times as well: read as this one's, its incidents would all be open."""
    if found and not any(name in one for one in found for name in names):
        raise NotUnderstood(f"{wrong}: none of its incidents has {' or '.join(names)}")


def has_more(file: Path) -> bool:
    """Whether the last page of a list says that another follows."""
    said = json.loads(file.read_text(encoding="utf-8-sig"))
    last = said[-1] if isinstance(said, list) and said else said
    return isinstance(last, dict) and last.get("more") is True


def name_of(thing: Any) -> str | None:
    """The name of an object that another points to."""
    if not isinstance(thing, dict):
        return None
    word = thing.get("summary") or thing.get("name")
    return None if word is None else str(word)
