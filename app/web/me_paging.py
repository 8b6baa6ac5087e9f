"""How I am paged: my ways for each urgency with their delays, and what they come to now."""

from dataclasses import dataclass
from datetime import timedelta

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from app import clock
from app.database import db, transaction
from app.domain.invalid import InvalidField
from app.domain.notification_rules import Address, Rule, never_fires, plan, usual
from app.domain.phrase import counted
from app.domain.words import ChannelKind, Urgency
from app.oncall.asks_person import longest_wait
from app.paging import rules
from app.paging.methods import methods_of
from app.paging.models import NotificationRule
from app.people.models import User
from app.people.profile import quiet_hours
from app.web.access import signed_in, viewer
from app.web.errors import NotFound
from app.web.form import problems_of, row_number, typed
from app.web.toast import toast

blueprint = Blueprint("me_paging", __name__, url_prefix="/me/paging")

_DEVICES = "All my devices"


@dataclass(frozen=True)
class RuleLine:
    """One rule in words. `number`: None for what holds without a choice. `warning`: why it never fires."""

    number: int | None
    says: str
    when: str
    warning: str | None


@dataclass(frozen=True)
class Part:
    """What holds for one urgency."""

    urgency: Urgency
    lines: list[RuleLine]
    is_usual: bool
    warning: str | None


@blueprint.get("")
@signed_in
def show() -> str:
    return _page()


@blueprint.post("")
@signed_in
def add_way() -> ResponseReturnValue:
    """One way more for one urgency."""
    answers = typed("urgency", "address", "after")
    try:
        with transaction():
            me = viewer()
            rules.add(me, _read(answers), by=me, at=clock.now())
    except InvalidField as invalid:
        problems = problems_of(invalid)
        return _page(answers, {_FIELD.get(name, name): says for name, says in problems.items()}), 422
    toast("Kept. It holds from the next page on.")
    return redirect(url_for("me_paging.show"), 303)


@blueprint.post("/<int:number>/removal")
@signed_in
def remove_way(number: int) -> ResponseReturnValue:
    with transaction():
        row = db.session.get(NotificationRule, number)
        if row is None or row.user_id != viewer().id:
            raise NotFound
        rules.remove(row, by=viewer(), at=clock.now())
    toast("Removed.")
    return redirect(url_for("me_paging.show"), 303)


_FIELD = {"after_minutes": "after", "channel": "address", "contact_id": "address"}


def _read(answers: dict[str, str]) -> Rule:
    channel, _, contact = answers["address"].partition("-")
    try:
        after = timedelta(minutes=float(answers["after"] or 0))
    except (ValueError, OverflowError):
        raise InvalidField([("/after_minutes", "Minutes, from 0 to 60.")]) from None
    if channel not in list(ChannelKind) or (contact and not row_number(contact)):
        raise InvalidField([("/channel", "Choose one of your ways.")])
    if answers["urgency"] not in list(Urgency):
        raise InvalidField([("/urgency", "High or low.")])
    address = Address(ChannelKind(channel), row_number(contact) if contact else None)
    return Rule(Urgency(answers["urgency"]), address, after)


def _page(answers: dict[str, str] | None = None, problems: dict[str, str] | None = None) -> str:
    me = viewer()
    methods = methods_of(me)
    labels = {rules.address_of(one): _DEVICES if one.device else one.label for one in methods}
    quiet = quiet_hours(me)
    return render_template(
        "me/paging.html",
        parts=[_part(me, urgency, labels) for urgency in Urgency],
        ways=[(_key(address), label) for address, label in labels.items()],
        answers=answers or {"urgency": "high", "address": "", "after": ""},
        problems=problems or {},
        quiet=None if quiet is None else str(quiet),
    )


def _part(me: User, urgency: Urgency, labels: dict[Address, str]) -> Part:
    rows = [row for row in rules.rows_of(me.id) if row.urgency is urgency]
    usable, longest = list(labels), longest_wait(me.id)
    chosen: list[tuple[int | None, Rule]] = [
        (row.id, Rule(urgency, Address(row.channel, row.contact_id), timedelta(seconds=row.after_seconds)))
        for row in rows
    ]
    if not chosen:
        meant = usual(urgency, usable)
        chosen = [(None, rule) for rule in meant if rule.address in usable]
    lines = [
        RuleLine(number, labels.get(rule.address, rule.address.channel.label), _when(rule.after),
                 never_fires(rule, usable, longest))
        for number, rule in chosen
    ]  # fmt: skip
    found = plan(rules.rules_of(me.id), usable, urgency)
    warning = None
    if not found.steps:
        warning = "Nothing reaches you. Add a device, or you cannot be paged."
    elif found.is_fallback:
        warning = f"None of these works now, so {labels[found.steps[0].address]} is used at once."
    return Part(urgency, lines, not rows, warning)


def _when(after: timedelta) -> str:
    minutes = after / timedelta(minutes=1)
    if not minutes:
        return "at once"
    return f"after {counted(int(minutes), 'minute')}" if minutes.is_integer() else f"after {minutes:g} minutes"


def _key(address: Address) -> str:
    return str(address.channel) if address.contact_id is None else f"{address.channel}-{address.contact_id}"
