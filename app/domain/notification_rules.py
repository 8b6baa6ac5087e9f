"""How a person is paged: which ways, how long after the page, for which urgency (feature 43).

Rules never lose a page: what cannot be used gives its place to the next way at once, and where no rule is left
any way that works is used (feature 45).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from app.domain.words import ChannelKind, Urgency

LONGEST_DELAY = timedelta(hours=1)
MOST_RULES = 20
NO_DELAY = timedelta(0)


@dataclass(frozen=True)
class Address:
    """Where a person can be reached: all their devices by push, the address they sign in with, or the further
    contact `contact_id`.
    """

    channel: ChannelKind
    contact_id: int | None = None


@dataclass(frozen=True)
class Rule:
    """Use this address `after` the page of this urgency was asked for, unless somebody has answered."""

    urgency: Urgency
    address: Address
    after: timedelta


@dataclass(frozen=True)
class MethodStep:
    """One address of a page, used `after` it was asked for."""

    address: Address
    after: timedelta = NO_DELAY


@dataclass(frozen=True)
class Plan:
    """What a page does, step by step; empty: nothing reaches this person. `is_fallback`: no rule was of use."""

    steps: tuple[MethodStep, ...]
    is_fallback: bool = False


_USUAL_DELAY = {ChannelKind.PUSH: 0, ChannelKind.SMS: 1, ChannelKind.VOICE: 2, ChannelKind.EMAIL: 3}  # minutes
_ALWAYS_MEANT = (Address(ChannelKind.PUSH), Address(ChannelKind.EMAIL))


def usual(urgency: Urgency, usable: Iterable[Address]) -> list[Rule]:
    """What holds for somebody who has chosen nothing: devices at once, then texts, calls and mail.

    Of low urgency only the devices: it can wait, and another way is used only where there is no device.
    """
    by_telephone = [one for one in usable if one.channel in (ChannelKind.SMS, ChannelKind.VOICE)]
    return [
        Rule(urgency, address, timedelta(minutes=_USUAL_DELAY[address.channel]))
        for address in (*_ALWAYS_MEANT, *by_telephone)
        if urgency is Urgency.HIGH or address.channel is ChannelKind.PUSH
    ]


def plan(
    rules: Iterable[Rule],
    usable: Sequence[Address],
    urgency: Urgency,
    *,
    since: timedelta = NO_DELAY,
    within: timedelta = LONGEST_DELAY,
) -> Plan:
    """What a page of this urgency does. `usable` are the addresses that work now, the most telling first.

    An address that does not work gives its moment to the next one. What would come after `within`, when the
    page is over, is left out, but for the first. `since` is how long ago this person was first asked in this
    step: a reminder uses at once all that was used by then, and leaves what comes later to the first page.
    """
    rules = list(rules)
    chosen = [rule for rule in rules if rule.urgency is urgency] or usual(urgency, usable)
    wanted: dict[Address, timedelta] = {}
    for rule in chosen:
        wanted[rule.address] = min(rule.after, wanted.get(rule.address, rule.after))
    times = {address: after for address, after in wanted.items() if address in usable}
    if not times:
        # the loudest alone: whoever is called by every way they have, for want of one rule, learns to mute it
        return Plan(tuple(MethodStep(address) for address in usable[:1]), is_fallback=True)
    first = min(times.values())
    if any(after <= first for address, after in wanted.items() if address not in usable):
        times = {address: NO_DELAY if after == first else after for address, after in times.items()}
        first = NO_DELAY
    due = {address: after - since for address, after in times.items() if since == NO_DELAY or after <= since}
    steps = [MethodStep(address, max(after, NO_DELAY)) for address, after in due.items() if after < within]
    if not steps:  # nobody is left without a page because it would come late
        address = min(times, key=lambda one: times[one])
        steps = [MethodStep(address, min(max(first - since, NO_DELAY), within / 2))]
    return Plan(tuple(sorted(steps, key=lambda step: step.after)))


def never_fires(rule: Rule, usable: Sequence[Address], longest_wait: timedelta | None) -> str | None:
    """Why this rule can never fire, in words; None when it can.

    `longest_wait` is that of the steps that ask this person; None where no policy does. A page ends when the
    next step is asked, so a later method of it is not used any more.
    """
    if rule.address not in usable:
        return "This way does not work now, so the next one takes its place."
    if longest_wait is not None and rule.after >= longest_wait:
        minutes = longest_wait / timedelta(minutes=1)
        return f"Every step that asks you waits {minutes:g} min at most: this comes too late and is never used."
    return None
