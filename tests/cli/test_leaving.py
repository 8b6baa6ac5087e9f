"""`nightbell user leave` and `user forget`: the same verbs as the page, and the same refusals."""

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import Result

Nightbell = Callable[..., Result]
ADA, BEN, ROOT = "ada@example.org", "ben@example.org", "root@example.org"


@pytest.fixture
def house(migrated: Nightbell, instance: Path) -> Nightbell:
    """Ada manages the team Payments; Root administers."""
    for email, role in ((ADA, "responder"), (BEN, "responder"), (ROOT, "administrator")):
        made = migrated("user", "create", "--email", email, "--name", email[:3].title(), "--role", role)
        assert made.exit_code == 0, made.output
    with closing(sqlite3.connect(instance / "nightbell.db")) as rows, rows:
        rows.execute(
            "INSERT INTO team (name, description, tags, manager_id, created_at)"
            " VALUES ('Payments', '', '[]', 1, '2026-11-12 03:10:00')"
        )
    return migrated


def people(instance: Path) -> list[tuple[str, int]]:
    with closing(sqlite3.connect(instance / "nightbell.db")) as rows:
        return list(rows.execute('SELECT name, is_active FROM "user" ORDER BY id'))


def test_L_USR_04_leaving_names_the_places_until_somebody_takes_them_over(
    house: Nightbell, instance: Path
) -> None:
    refused = house("user", "leave", "--email", ADA, "--by", ROOT)
    assert refused.exit_code == 1
    assert "Manages Payments" in refused.output
    assert people(instance)[0] == ("Ada", 1)
    done = house("user", "leave", "--email", ADA, "--by", ROOT, "--to", BEN, "--json")
    assert done.exit_code == 0, done.output
    assert json.loads(done.output) == {"handed_over": ["team:1"]}
    assert people(instance)[0] == ("Ada", 0)


def test_only_an_administrators_name_will_do(house: Nightbell, instance: Path) -> None:
    for by in (BEN, "nobody@example.org"):
        assert house("user", "leave", "--email", ADA, "--by", by, "--to", BEN).exit_code == 1
    assert people(instance)[0] == ("Ada", 1)


def test_SEC34_forgetting_is_said_twice_and_only_of_somebody_who_has_left(
    house: Nightbell, instance: Path
) -> None:
    assert house("user", "forget", "--id", "1", "--by", ROOT).exit_code == 2
    still = house("user", "forget", "--id", "1", "--by", ROOT, "--yes")
    assert (still.exit_code, "still here" in still.output) == (1, True)
    house("user", "leave", "--email", ADA, "--by", ROOT, "--to", BEN)
    assert house("user", "forget", "--id", "1", "--by", ROOT, "--yes").exit_code == 0
    assert people(instance)[0] == ("Former member 1", 0)
    assert house("user", "forget", "--id", "99", "--by", ROOT, "--yes").exit_code == 1
