"""How a person wants to be paged: their rules, kept, and what they make of one page (features 43, 45, 54)."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import sqlalchemy as sa

from app.database import db, once
from app.domain import zone
from app.domain.invalid import InvalidField
from app.domain.notification_rules import LONGEST_DELAY, MOST_RULES, NO_DELAY, Address, Plan, Rule, plan
from app.domain.timeline import Kind, Subject
from app.domain.words import Urgency
from app.paging.methods import Method, Way, methods_of
from app.paging.models import NotificationRule
from app.people.models import User
from app.people.profile import quiet_hours
from app.timeline.record import record


def rules_of(user_id: int) -> list[Rule]:
    """What this person has chosen, soonest first; empty: nothing, so what is usual holds."""
    return [_rule(row) for row in rows_of(user_id)]


def rows_of(user_id: int) -> Sequence[NotificationRule]:
    return db.session.scalars(_KEPT, {"user_id": user_id}).all()


_KEPT = (
    sa.select(NotificationRule)
    .where(NotificationRule.user_id == sa.bindparam("user_id"))
    .order_by(NotificationRule.urgency, NotificationRule.after_seconds, NotificationRule.id)
)  # built once: asked for every page


def addresses(methods: Iterable[Method]) -> list[Address]:
    """What the rules call these methods, each once: all devices are one address."""
    return list(dict.fromkeys(address_of(method) for method in methods))


def address_of(method: Method) -> Address:
    return Address(method.channel, None if method.contact is None else method.contact.id)


def plan_for(
    user: User, urgency: Urgency, *, since: timedelta = NO_DELAY, within: timedelta = LONGEST_DELAY
) -> Plan:
    """What a page of this urgency to this person does now; see `domain.notification_rules.plan`."""
    return plan(rules_of(user.id), addresses(methods_of(user)), urgency, since=since, within=within)


def ways_for(
    user: User,
    urgency: Urgency,
    *,
    at: datetime,
    since: timedelta = NO_DELAY,
    within: timedelta = LONGEST_DELAY,
) -> list[Way]:
    """The ways of one page to this person, each with its moment, by their rules and quiet hours."""
    methods = once(("methods", user.id), lambda: methods_of(user))
    kept = once(("rules", user.id), lambda: rules_of(user.id))
    found = plan(kept, addresses(methods), urgency, since=since, within=within)
    ways = [
        Way(method, step.after)
        for step in found.steps
        for method in methods
        if address_of(method) == step.address
    ]
    held = held_until(user, urgency, at)
    return ways if held is None else [replace(way, after=held - at + way.after) for way in ways]


def held_until(user: User, urgency: Urgency, at: datetime) -> datetime | None:
    """When the quiet hours end that hold a page of this urgency at `at`, by the person's own clock (54).

    None: it goes at once, as all of high urgency always does.
    """
    quiet = quiet_hours(user)
    if urgency is Urgency.HIGH or quiet is None:
        return None
    where = zone.named(user.time_zone)
    return quiet.over_at(at, where) if quiet.holds(at, where) else None


def add(user: User, rule: Rule, *, by: User, at: datetime) -> NotificationRule:
    """One rule more. Raises InvalidField for an address that is not theirs, and for what cannot be."""
    if not NO_DELAY <= rule.after <= LONGEST_DELAY:
        raise InvalidField([("/after_minutes", "From 0 to 60 minutes.")])
    mine = {contact.id for contact in user.contacts}
    if rule.address.contact_id is not None and rule.address.contact_id not in mine:
        raise InvalidField([("/contact_id", "This is none of your addresses.")])
    kept = rules_of(user.id)
    if rule in kept:
        raise InvalidField([("/channel", "You have this one already.")])
    if len(kept) >= MOST_RULES:
        raise InvalidField([("/channel", f"You have {MOST_RULES}. Remove one first.")])
    row = NotificationRule(
        user_id=user.id, urgency=rule.urgency, channel=rule.address.channel, contact_id=rule.address.contact_id,
        after_seconds=int(rule.after.total_seconds()), created_at=at,
    )  # fmt: skip
    db.session.add(row)
    db.session.flush()
    record(Kind.CHANGED, Subject.USER, user.id, at=at, by=by, notification_rule_added=row.id)
    return row


def remove(row: NotificationRule, *, by: User, at: datetime) -> None:
    """The rule holds no more for pages from here on; without any, what is usual does."""
    record(Kind.CHANGED, Subject.USER, row.user_id, at=at, by=by, notification_rule_removed=row.id)
    db.session.delete(row)
    db.session.flush()


def replace_all(user: User, rules: Iterable[Rule], *, by: User, at: datetime) -> None:
    """These and no others. Raises InvalidField, with the place of the rule that is wrong."""
    for row in rows_of(user.id):
        remove(row, by=by, at=at)
    for place, rule in enumerate(rules):
        try:
            add(user, rule, by=by, at=at)
        except InvalidField as invalid:
            raise InvalidField([(f"/items/{place}{where}", says) for where, says in invalid.errors]) from None


def _rule(row: NotificationRule) -> Rule:
    return Rule(row.urgency, Address(row.channel, row.contact_id), timedelta(seconds=row.after_seconds))
