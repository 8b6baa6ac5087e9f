"""`nightbell oncall now` and `explain`: who has it, and whom an alert would page, with every reason."""

from collections.abc import Iterable
from datetime import UTC, datetime

import click
import sqlalchemy as sa

from app import clock
from app.alerts.models import Service
from app.cli.session import as_json, opened
from app.database import db
from app.domain.words import Severity, Urgency
from app.oncall.queries import on_call_board
from app.web import serialize, serialize_explain
from app.web.api.shapes import oncall as shapes
from app.web.form import row_number


class Moment(click.ParamType[datetime]):
    """A moment with its zone, in ISO 8601."""

    name = "moment"

    def convert(
        self, value: object, parameter: click.Parameter | None, context: click.Context | None
    ) -> datetime:
        try:
            moment = datetime.fromisoformat(str(value))
        except ValueError:
            self.fail(f"{value!r} is no moment. Say 2026-11-12T03:10Z.", parameter, context)
        if moment.tzinfo is None:
            self.fail(f"{value!r} names no zone. Say {value}Z for UTC, or {value}+02:00.", parameter, context)
        return moment.astimezone(UTC)


at_option = click.option(
    "--at", type=Moment(), metavar="T", help="Another moment than now, as 2026-11-12T03:10Z."
)


@click.group()
def oncall() -> None:
    """Who is on call."""


@oncall.command()
@at_option
@as_json
def now(at: datetime | None, as_json: bool) -> None:
    """Who has each schedule, until when, and why."""
    with opened():
        at = at or clock.now()
        rows = serialize.board(on_call_board(at), at)
    if as_json:
        click.echo(shapes.OnCall(at=at, items=rows, next_cursor=None).model_dump_json(indent=2))
    elif not rows:
        click.echo("There is no schedule yet.")
    else:
        for row in rows:
            people = ", ".join(f"{user.name} ({user.role})" for user in row.users) or "nobody"
            click.echo(f"{row.schedule.name}: {people}{f', until {_words(row.until)}' if row.until else ''}")
            _indented(row.why_nobody)
            for user in row.users:
                _indented(f"{user.name}: {reason}" for reason in user.reason)


@click.command()
@click.option("--service", required=True, help="Its name or number.")
@click.option(
    "--urgency", type=click.Choice([str(urgency) for urgency in Urgency]), default="high", show_default=True
)
@click.option(
    "--severity", type=click.Choice([str(severity) for severity in Severity]), help="Usual unless given."
)
@at_option
@as_json
def explain(service: str, urgency: str, severity: str | None, at: datetime | None, as_json: bool) -> None:
    """Whom an alert of this service would page, when and how, if nobody ever acknowledged it, and why."""
    with opened():
        answer = serialize_explain.explanation(
            _service(service),
            Urgency(urgency),
            at=at or clock.now(),
            severity=Severity(severity) if severity else None,
        )
    if as_json:
        click.echo(answer.model_dump_json(indent=2))
        return
    click.echo(f"An alert of {answer.service.name}, urgency {answer.urgency}, at {_words(answer.at)}:")
    _indented(answer.reason)
    for step in answer.steps:
        nobody = f"nobody, so the next step follows at once. {step.why_not}."
        people = nobody if step.why_not else ", ".join(user.name for user in step.users)
        click.echo(f"{_words(step.at)}  step {step.step + 1}, round {step.round + 1}: {people}")
        for user in step.users:
            _indented(f"{user.name}: {reason}" for reason in user.reason)
            _indented(f"{user.name}: {way.label}, {_words(way.at)}" for way in user.ways)
        if step.told:
            _indented([f"told: {', '.join(step.told)}"])
        if step.reminders:
            _indented([f"reminded: {', '.join(_words(each) for each in step.reminders)}"])
    if answer.last_resort is not None:
        people = (
            ", ".join(user.name for user in answer.last_resort.users) or "nobody: there is no administrator"
        )
        click.echo(f"{_words(answer.last_resort.at)}  last resort, every 5 minutes for an hour: {people}")


def _service(wanted: str) -> Service:
    """By name, else by number; or the end of the command."""
    found = db.session.scalar(sa.select(Service).where(Service.name == wanted))
    if found is None:
        found = db.session.get(Service, row_number(wanted))
    if found is None:
        raise click.ClickException(f"there is no service called {wanted!r}")
    return found


def _words(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%a %d %b, %H:%M} UTC"


def _indented(lines: Iterable[str]) -> None:
    for line in lines:
        click.echo(f"    {line}")
