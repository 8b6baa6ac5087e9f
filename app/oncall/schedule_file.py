"""Schedules kept in files, as in git: YAML with people by e-mail address or name.

name: Payments primary
team: Payments
time_zone: Europe/London
layers:
  - name: Weekly
    rotation: {unit: week, start: 2026-11-09T09:00, participants: [[ada@nightbell.example], [Ben Okri]]}
requirements: {hours: always, people: 2}

A file holds one schedule, several documents, or a list under `schedules`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
import yaml

from app.database import db
from app.domain.invalid import Faults, InvalidField
from app.oncall.models import Schedule
from app.oncall.proof import Draft, read_draft
from app.people.models import Team, User

LARGEST = 1_000_000  # bytes
MOST_SCHEDULES = 200
_KNOWN = ("name", "team", "time_zone", "layers", "requirements", "temporary")


class Unreadable(Exception):
    """The file is no such YAML; the message says why."""


@dataclass(frozen=True)
class Read:
    """One schedule of a file: what it says, which one it would replace, or what is wrong with it."""

    name: str
    draft: Draft | None
    replaces: Schedule | None
    faults: tuple[tuple[str, str], ...]


class _Loader(yaml.SafeLoader):
    """Only texts, whole numbers, true, false and null. YAML 1.1 reads 18:00 as 1080 and no as false; a name
    that stands for what came before (an alias) can make a small file into a huge one.
    """

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012 - the library's own kind of attribute

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.AliasEvent):
            raise Unreadable("An alias (*name) is not read; write it out.")
        return super().compose_node(parent, index)


_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"(?:true|false)\Z"), list("tf"))
_Loader.add_implicit_resolver("tag:yaml.org,2002:null", re.compile(r"(?:null|~|)\Z"), ["n", "~", ""])
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:int", re.compile(r"-?(?:0|[1-9][0-9]*)\Z"), list("-0123456789")
)


def read(text: str) -> list[Read]:
    """The schedules of a file, each with everything that is wrong with it. Raises Unreadable."""
    if len(text.encode()) > LARGEST:
        raise Unreadable(f"It is larger than {LARGEST // 1000} kB.")
    try:
        documents = [each for each in yaml.load_all(text, Loader=_Loader) if each is not None]
    except yaml.YAMLError as error:
        raise Unreadable(f"It is no YAML: {_one_line(error)}") from error
    except RecursionError as error:
        raise Unreadable("It is nested too deeply.") from error
    rows = [row for each in documents for row in _rows(each)]
    if not rows:
        raise Unreadable("It holds no schedule.")
    if len(rows) > MOST_SCHEDULES:
        raise Unreadable(f"It holds more than {MOST_SCHEDULES} schedules.")
    people = _people()
    return [_read(row, people) for row in rows]


def _rows(document: object) -> list[object]:
    if isinstance(document, dict) and set(document) == {"schedules"}:
        held = document["schedules"]
        return list(held) if isinstance(held, list) else [held]
    return [document]


def _read(row: object, people: dict[str, list[int]]) -> Read:
    faults = Faults()
    held = faults.mapping(row, "", _KNOWN) or {}
    name = str(held.get("name", ""))
    team = str(held.get("team", ""))
    team_id = db.session.scalar(sa.select(Team.id).where(Team.name == team))
    if team_id is None:
        faults.add("/team", f"there is no team “{team}”" if team else "is missing")
    layers = _with_ids(held.get("layers", []), people, faults)
    temporary = held.get("temporary", [])
    if isinstance(temporary, list):
        temporary = [
            {**each, "layers": _with_ids(each["layers"], people, faults, f"/temporary/{number}/layers")}
            if isinstance(each, dict) and "layers" in each
            else each
            for number, each in enumerate(temporary)
        ]
    replaces = db.session.scalar(sa.select(Schedule).where(Schedule.name == name))
    draft = None
    try:
        draft = read_draft(
            name, team_id or 0, str(held.get("time_zone", "")), layers, held.get("requirements"), temporary
        )
    except InvalidField as invalid:
        faults.errors += [each for each in invalid.errors if each[0] != "/team_id"]
    return Read(name, None if faults.errors else draft, replaces, tuple(faults.errors))


def _with_ids(json: object, people: dict[str, list[int]], faults: Faults, at: str = "/layers") -> object:
    """The layers with ids in the place of people; whoever is not known is a fault by name, and left out."""
    if not isinstance(json, list):
        return json
    layers = []
    for number, layer in enumerate(json):
        rotation = layer.get("rotation") if isinstance(layer, dict) else None
        sets = rotation.get("participants") if isinstance(rotation, dict) else None
        if not isinstance(rotation, dict) or not isinstance(sets, list):
            layers.append(layer)
            continue
        pointer = f"{at}/{number}/rotation/participants"
        named = [
            [_person(each, f"{pointer}/{turn}/{place}", people, faults) for place, each in _each(held)]
            for turn, held in enumerate(sets)
        ]
        layers.append({**layer, "rotation": {**rotation, "participants": named}})
    return layers


def _each(held: object) -> Iterator[tuple[int, object]]:
    """One person may stand for a set of one."""
    yield from enumerate(held if isinstance(held, list) else [held])


def _person(written: object, pointer: str, people: dict[str, list[int]], faults: Faults) -> object:
    found = people.get(str(written).strip().casefold(), [])
    if len(found) == 1:
        return str(found[0])
    why = "there is nobody called" if not found else "there are several people called"
    faults.add(pointer, f"{why} “{written}”; their e-mail address is sure")
    return None


def _people() -> dict[str, list[int]]:
    """Ids by e-mail address and by name, in small letters."""
    found: dict[str, list[int]] = {}
    for user_id, email, name in db.session.execute(sa.select(User.id, User.email, User.name)):
        for written in {email.casefold(), name.casefold()}:
            found.setdefault(written, []).append(user_id)
    return found


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())[:300]
