"""`nightbell user create` and `token create`: people and the keys of their programs."""

import sys
from datetime import timedelta

import click

from app import clock
from app.cli.session import as_json, opened, print_json
from app.database import db, transaction
from app.domain import zone
from app.domain.invalid import InvalidField
from app.domain.lifecycle import InvalidTransition
from app.domain.words import Role
from app.leaving import hand_over
from app.leaving.duties import duties_of
from app.leaving.forget import forget
from app.notices import news
from app.people import passwords, queries, tokens
from app.people.models import User
from app.people.rights import Scope
from app.people.users import create_user, password_problem


@click.group()
def user() -> None:
    """People."""


@user.command()
@click.option("--email", required=True)
@click.option("--name", required=True)
@click.option("--role", required=True, type=click.Choice([str(role) for role in Role]))
@click.option("--time-zone", default="UTC", show_default=True, help="Such as Europe/London.")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input's first line.")
@as_json
def create(email: str, name: str, role: str, time_zone: str, password_stdin: bool, as_json: bool) -> None:
    """Add a person. Without a password they cannot sign in, but can be paged."""
    if time_zone not in zone.names():
        raise click.UsageError(f"there is no time zone called {time_zone!r}")
    password = _password(from_stdin=password_stdin)
    if password and (problem := password_problem(password, email=email, name=name)):
        raise click.ClickException(f"password: {problem}")
    with opened():
        password_hash = passwords.hashed(password) if password else None
        try:
            with transaction():
                created = create_user(
                    email=email,
                    name=name,
                    role=role,
                    time_zone=time_zone,
                    at=clock.now(),
                    password_hash=password_hash,
                )
                shown = {
                    "id": str(created.id),
                    "email": created.email,
                    "name": created.name,
                    "role": str(created.role),
                    "time_zone": created.time_zone,
                }
        except InvalidField as refused:
            raise click.ClickException(_in_words(refused)) from refused
    if as_json:
        print_json(shown)
    else:
        way_in = "" if password else " No password was given, so they cannot sign in yet."
        click.echo(f"{shown['name']} <{shown['email']}> is made, as {shown['role']}.{way_in}")


@user.command()
@click.option("--email", required=True, help="Who leaves.")
@click.option("--to", help="The address of whoever takes over every place. Unset: refused while there is one.")
@click.option("--by", required=True, help="The address of the administrator in whose name this is done.")
@as_json
def leave(email: str, to: str | None, by: str, as_json: bool) -> None:
    """Hand every place a person holds over, and let them go. Without --to it names the places."""
    with opened():
        try:
            with transaction():
                leaver, administrator = person(email), _administrator(by)
                duties = duties_of(leaver, at=clock.now())
                successor = person(to).id if to else None
                chosen = {duty.key: successor for duty in duties} if successor else {}
                hand_over.leave(leaver, chosen, by=administrator, at=clock.now())
        except hand_over.StillHolds as holds:
            held = [{"key": duty.key, "says": duty.says, "without": duty.without} for duty in holds.duties]
            if as_json:
                print_json({"duties": held})
            listed = "".join(f"\n  {one['says']}" for one in held)
            raise click.ClickException(f"{holds}{listed}\nName whoever takes over with --to.") from holds
        except InvalidField as refused:
            raise click.ClickException(_in_words(refused)) from refused
    if as_json:
        print_json({"handed_over": [duty.key for duty in duties]})
    else:
        click.echo(f"{email} has left; {len(duties)} handed over.")


@user.command(name="forget")
@click.option("--id", "user_id", required=True, type=int, help="The person's number.")
@click.option("--by", required=True, help="The address of the administrator in whose name this is done.")
@click.option("--yes", is_flag=True, help="Do it: nothing brings them back.")
def forget_user(user_id: int, by: str, yes: bool) -> None:
    """Make a tombstone of somebody who has left: no name, address, device or key of theirs is left."""
    if not yes:
        raise click.UsageError("say --yes: nothing brings them back")
    with opened():
        try:
            with transaction():
                gone = db.session.get(User, user_id)
                if gone is None:
                    raise click.ClickException(f"nobody here has the number {user_id}")
                forget(gone, by=_administrator(by), at=clock.now())
                name = gone.name
        except InvalidTransition as refused:
            raise click.ClickException(str(refused)) from refused
    click.echo(f"Forgotten. In history stands {name}.")


@click.group()
def token() -> None:
    """Keys for programs."""


@token.command(name="create")
@click.option("--email", required=True, help="Whose name the program acts in.")
@click.option(
    "--scope", "scopes", required=True, multiple=True, type=click.Choice([str(scope) for scope in Scope])
)
@click.option("--name", default="made at the command line", show_default=True, help="What it is for.")
@click.option("--days", type=click.IntRange(min=1), help="Ends after so many days; unset: never by itself.")
@as_json
def create_token(email: str, scopes: tuple[str, ...], name: str, days: int | None, as_json: bool) -> None:
    """Make a token for /api/v1. It is shown this once."""
    with opened():
        at = clock.now()
        expires_at = at + timedelta(days=days) if days else None
        try:
            with transaction():
                owner = person(email)
                row, plain = tokens.create(owner, name=name, scopes=scopes, at=at, expires_at=expires_at)
                news.token(owner, name, by=None, at=at)
                shown = {"id": str(row.id), "token": plain, "scopes": row.scopes, "expires_at": row.expires_at}
        except tokens.ScopeRefused as refused:
            raise click.ClickException(str(refused)) from refused
    if as_json:
        print_json(shown)
    else:
        click.echo(plain)
        click.echo("Keep it now: it is not shown again.", err=True)


def person(email: str) -> User:
    """The active person with this address, or the end of the command."""
    found = queries.user_by_email(email)
    if found is None or not found.is_active:
        raise click.ClickException(f"nobody here has the address {email}")
    return found


def _administrator(email: str) -> User:
    found = person(email)
    if found.role is not Role.ADMINISTRATOR:
        raise click.ClickException(f"{email} is no administrator")
    return found


def _password(*, from_stdin: bool) -> str | None:
    """From standard input's first line, or asked of a person at a terminal; None when there is neither."""
    if from_stdin:
        line = sys.stdin.readline().rstrip("\r\n")
        if not line:
            raise click.UsageError("--password-stdin: standard input held no password")
        return line
    if not sys.stdin.isatty():
        return None
    asked: str = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    return asked


def _in_words(refused: InvalidField) -> str:
    return "\n  ".join(f"{field.replace('_', ' ')}: {sentence}" for field, sentence in refused.errors)
