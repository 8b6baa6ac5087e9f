"""The check of a schedule: each claim proved or refuted over a span, by walking through all that is in it.

A claim that fails becomes one finding for each pattern of hours it fails in, each a sentence for a manager; a
claim that holds becomes one that says so. Nothing here decides who is on call: `domain.schedule` does.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import pairwise

from app.domain import prover_people, zone
from app.domain.claims import Claim, Finding, Level, Person, Requirements
from app.domain.interval import Interval, merge, subtract
from app.domain.pattern import Pattern, listed, moment, patterns, when
from app.domain.walk import NEXT_WITHIN, Walk, open_hours

MOST_PATTERNS = 4  # told of one trouble; a manager reads no list of forty


@dataclass(frozen=True)
class Target:
    """Whom a step pages: somebody by name, whoever a schedule says, or whoever follows on one."""

    user_id: int | None = None
    schedule_id: int | None = None
    next_on: int | None = None


@dataclass(frozen=True)
class Ladder:
    """An escalation policy that asks the schedule: the targets of each step, in order."""

    name: str
    steps: tuple[tuple[Target, ...], ...]


@dataclass(frozen=True)
class Case:
    """All that a proof is about. `others`: the other schedules on which its people stand, or that its ladders
    ask, walked over the same span.
    """

    walk: Walk
    requirements: Requirements
    people: Mapping[int, Person]
    others: Sequence[Walk] = ()
    ladders: Sequence[Ladder] = ()

    @property
    def since(self) -> datetime:
        return self.walk.start

    def told(
        self,
        claim: Claim,
        level: Level,
        subject: str,
        intervals: Iterable[Interval],
        *,
        people: Sequence[int] = (),
        key: str = "",
    ) -> Iterator[Finding]:
        """One finding for each pattern of these hours: `subject` and then when. Of many, those that come most
        often, and all others in one.
        """
        tz, key = self.walk.config.zone, f"{claim}:{key or subject}"
        found = patterns(intervals, tz)
        rest: list[Interval] = []
        if len(found) > MOST_PATTERNS:
            often = sorted(found, key=lambda each: -len(each.intervals))[: MOST_PATTERNS - 1]
            often = [each for each in often if len(each.intervals) > 2]
            rest = sorted(one for each in found if each not in often for one in each.intervals)
            found = [each for each in found if each in often]
        for pattern in found:
            said = when(pattern, tz, since=self.since, until=self.walk.end)
            once = self._once(pattern.intervals[0]) if len(pattern.intervals) == 1 else pattern.label
            yield Finding(claim, level, f"{subject} {said}", f"{key}:{once}", pattern.intervals, tuple(people))
        if rest:
            said = when(Pattern("", (rest[0],)), tz, since=self.since, until=self.walk.end)
            more = "more " if found else ""
            words = f"{subject} {len(rest)} {more}times, first {said}"
            yield Finding(claim, level, words, f"{key}:more", tuple(rest), tuple(people))

    def _once(self, interval: Interval) -> str:
        """What names a stretch that comes once, also on a day when it runs already."""
        return "on" if interval.end >= self.walk.end else interval.end.isoformat()

    def proven(self, claim: Claim, sentence: str) -> Finding:
        return Finding(claim, Level.PROVEN, sentence, f"{claim}:proven")

    def name(self, user_id: int) -> str:
        person = self.people.get(user_id)
        return person.name if person else "somebody no longer here"

    def names(self, user_ids: Iterable[int]) -> str:
        return listed([self.name(user_id) for user_id in user_ids])


def prove(case: Case) -> tuple[Finding, ...]:
    """Every claim about the schedule, errors first, then warnings, then what is proven."""
    found = [
        *_covered(case),
        *_depth(case),
        *_one_person(case),
        *prover_people.active(case),
        *prover_people.leave(case),
        *prover_people.one_place(case),
        *prover_people.rest(case),
        *prover_people.nights(case),
        *prover_people.handoffs(case),
        *prover_people.wall_times(case),
    ]
    order = list(Level)
    return tuple(sorted(found, key=lambda finding: order.index(finding.level)))


def required_hours(case: Case) -> tuple[Interval, ...]:
    """When somebody must be on call: the hours the team named, since the schedule began to answer."""
    walk = case.walk
    begins = _begins(walk)
    if begins is None or begins >= walk.end or not case.requirements.hours:
        return ()
    return open_hours(case.requirements.hours, walk.config, max(walk.start, begins), walk.end)


def _begins(walk: Walk) -> datetime | None:
    """The first handoff of the schedule; None when no layer has anybody."""
    config = walk.config
    starts = [
        zone.instant(layer.rotation.handoff(0), config.zone_of(layer))
        for layer in config.layers
        if layer.rotation.participants
    ]
    return min(starts, default=None)


def _covered(case: Case) -> Iterator[Finding]:
    """Hours without anybody. They are an error where the team named them, and where a layer promises somebody
    who is not there; elsewhere a schedule may mean to be silent.
    """
    walk = case.walk
    begins = _begins(walk)
    if begins is None:
        yield from case.told(
            Claim.COVERED, Level.WARNING, "Nobody, as no layer names anybody,", [Interval(walk.start, walk.end)]
        )
        return
    gaps = [stretch for stretch in walk.stretches if not stretch.everybody]
    broken = [stretch.interval for stretch in gaps if stretch.passed_over]
    named = required_hours(case)
    empty = [stretch.interval for stretch in gaps]
    missing = merge([*broken, *subtract(named, subtract(named, empty))])
    yield from case.told(Claim.COVERED, Level.ERROR, "Nobody", missing, key="nobody")
    silent = subtract(empty, missing) if case.requirements.hours is None else ()
    before = [Interval(walk.start, min(begins, walk.end))] if begins > walk.start else []
    for interval in subtract(before, subtract(before, empty)):
        words = f"Nobody until the schedule begins on {moment(interval.end, walk.config.zone, case.since)}"
        yield Finding(Claim.COVERED, Level.WARNING, words, f"{Claim.COVERED}:before", (interval,))
    silent = subtract(silent, before)
    yield from case.told(Claim.COVERED, Level.WARNING, "Nobody", silent, key="silent")
    if not missing and not silent:
        until = moment(walk.end, walk.config.zone, case.since)
        hours = "in all required hours" if named and case.requirements.hours else "at every hour"
        yield case.proven(Claim.COVERED, f"Somebody is on call {hours}, proven until {until}")


def _depth(case: Case) -> Iterator[Finding]:
    """Fewer different people than asked for, on the schedule or through the steps of a policy that asks it."""
    wanted = case.requirements.people
    hours = required_hours(case) if case.requirements.hours is not None else ()
    where = hours or (Interval(case.walk.start, case.walk.end),)
    failed = False
    if not case.ladders and wanted > 1:
        few = [each.interval for each in case.walk.stretches if 0 < len(set(each.everybody)) < wanted]
        few = list(subtract(where, subtract(where, few)))
        subject = f"Fewer than {wanted} different people are on call"
        yield from case.told(Claim.DEPTH, Level.ERROR, subject, few)
        failed = bool(few)
    for ladder in case.ladders if wanted > 1 else ():
        steps = ladder.steps[: case.requirements.through_step]
        few = list(_thin(case, steps, wanted))
        few = list(subtract(where, subtract(where, few)))
        subject = f"Fewer than {wanted} different people through step {len(steps)} of {ladder.name}"
        yield from case.told(Claim.DEPTH, Level.ERROR, subject, few)
        failed = failed or bool(few)
    if not failed and wanted > 1:
        how = "through the steps of every policy that asks it" if case.ladders else "on the schedule"
        yield case.proven(Claim.DEPTH, f"At least {wanted} different people stand behind each other {how}")


def _thin(case: Case, steps: Sequence[Sequence[Target]], wanted: int) -> Iterator[Interval]:
    """When the steps reach fewer different people than wanted."""
    walks = {walk.config.id: walk for walk in (*case.others, case.walk)}
    asked = {target.schedule_id for step in steps for target in step if target.schedule_id is not None}
    named = {target.user_id for step in steps for target in step if target.user_id is not None}
    here = [walks[id_] for id_ in asked if id_ in walks]
    follow = {target.next_on for step in steps for target in step if target.next_on is not None}
    behind = [replace(walks[id_], end=case.walk.end + NEXT_WITHIN) for id_ in follow if id_ in walks]
    away = {
        user_id: [
            (off.start, off.end) for walk in here for off in walk.config.time_off if off.user_id == user_id
        ]
        for user_id in named
    }
    edges = {case.walk.start, case.walk.end}
    edges |= {stretch.start for walk in (*here, *behind) for stretch in walk.stretches}
    edges |= {edge for spans in away.values() for span in spans for edge in span}
    ordered = sorted(edge for edge in edges if case.walk.start <= edge <= case.walk.end)
    places = dict.fromkeys(range(len(here) + len(behind)), 0)
    for start, end in pairwise(ordered):
        reached = {
            user_id
            for user_id, spans in away.items()
            if not any(since <= start < until for since, until in spans)
        }
        for number, walk in enumerate((*here, *behind)):
            while walk.stretches[places[number]].end <= start:
                places[number] += 1
            stretch = walk.stretches[places[number]]
            reached |= set(walk.next_up[places[number]] if number >= len(here) else stretch.paged)
        if len(reached) < wanted:
            yield Interval(start, end)


def _one_person(case: Case) -> Iterator[Finding]:
    if not case.requirements.one_person_only:
        return
    pairs: dict[tuple[int, ...], list[Interval]] = {}
    for stretch in case.walk.stretches:
        if stretch.side_by_side:
            pairs.setdefault(tuple(sorted(stretch.side_by_side)), []).append(stretch.interval)
    together = merge(interval for each in pairs.values() for interval in each)
    people = sorted({user_id for pair in pairs for user_id in pair})
    subject = f"{case.names(people)} share a place that is for one person" if people else ""
    yield from case.told(Claim.ONE_PERSON, Level.ERROR, subject, together, people=people)
    if not together:
        yield case.proven(Claim.ONE_PERSON, "Never two people at once on the same level")
