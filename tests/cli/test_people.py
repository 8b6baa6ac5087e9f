"""`nightbell user create` and `token create`."""

import json
from collections.abc import Callable

from click.testing import Result

Nightbell = Callable[..., Result]
ADA = ("--email", "Ada@Example.org", "--name", "Ada", "--role", "responder")


def test_a_person_can_be_made_with_a_password_from_a_pipe(migrated: Nightbell) -> None:
    made = migrated("user", "create", *ADA, "--password-stdin", "--json", stdin="otter bridge lamp seven\n")
    assert made.exit_code == 0, made.output
    assert json.loads(made.output)["email"] == "ada@example.org"


def test_a_person_without_a_password_is_made_without_a_question_and_it_says_so(migrated: Nightbell) -> None:
    made = migrated("user", "create", *ADA)
    assert made.exit_code == 0
    assert made.output.startswith("Ada <ada@example.org> is made, as responder. No password")
    assert "cannot sign in yet" in made.output


def test_the_same_address_twice_is_refused_in_words(migrated: Nightbell) -> None:
    migrated("user", "create", *ADA)
    again = migrated("user", "create", *ADA)
    assert again.exit_code == 1
    assert "Somebody has this address already." in again.output


def test_a_weak_password_is_refused_and_nobody_is_made(migrated: Nightbell) -> None:
    refused = migrated("user", "create", *ADA, "--password-stdin", stdin="short\n")
    assert refused.exit_code == 1
    assert "At least 12 characters" in refused.output
    assert migrated("token", "create", "--email", "ada@example.org", "--scope", "read").exit_code == 1


def test_asking_wrongly_ends_with_two(migrated: Nightbell) -> None:
    assert migrated("user", "create", "--email", "a@example.org").exit_code == 2
    assert migrated("user", "create", *ADA, "--time-zone", "Mars/Base").exit_code == 2
    assert migrated("user", "create", *ADA, "--password-stdin").exit_code == 2
    assert migrated("token", "create", "--email", "a@example.org", "--scope", "everything").exit_code == 2


def test_a_token_is_printed_once_as_scripts_expect_it(migrated: Nightbell) -> None:
    migrated("user", "create", *ADA)
    made = migrated("token", "create", "--email", "ada@example.org", "--scope", "read", "--json")
    assert made.exit_code == 0, made.output
    shown = json.loads(made.output)
    assert set(shown) == {"id", "token", "scopes", "expires_at"}
    assert isinstance(shown["id"], str)
    assert shown["scopes"] == ["read"]
    assert shown["expires_at"] is None


def test_a_token_reaches_no_further_than_its_person(migrated: Nightbell) -> None:
    migrated("user", "create", *ADA)
    refused = migrated("token", "create", "--email", "ada@example.org", "--scope", "admin")
    assert refused.exit_code == 1
    assert "more than a responder may do" in refused.output


def test_a_token_for_nobody_is_refused(migrated: Nightbell) -> None:
    refused = migrated("token", "create", "--email", "eve@example.org", "--scope", "read")
    assert refused.exit_code == 1
    assert "nobody here has the address" in refused.output
