"""The linter of policies: each oddity by its sentence, and none where all is well."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest

from app.domain.claims import Level
from app.domain.hours import Restriction
from app.domain.interval import Interval
from app.domain.policy import Step, Target, TargetKind
from app.domain.policy_check import LateRule, StepFacts, check
from app.domain.step_condition import Condition
from app.domain.words import Severity

ADA, BEN = (1, "Ada"), (2, "Ben")
FIVE = timedelta(minutes=5)
SOMEBODY = (Target(TargetKind.USER, 1),)
ALL_WEEK = (Restriction(frozenset(range(7)), time(0), time(0)),)
GAP = Interval(datetime(2026, 11, 14, 22, tzinfo=UTC), datetime(2026, 11, 15, 8, tzinfo=UTC))


def step(wait: timedelta = FIVE, **changes: object) -> Step:
    return Step(wait, **({"targets": SOMEBODY} | changes))  # type: ignore[arg-type]


def asks(*people: tuple[int, str], **changes: object) -> StepFacts:
    return StepFacts(step(**changes), people)  # type: ignore[arg-type]


def without_a_way(facts: StepFacts, *user_ids: int) -> StepFacts:
    return replace(facts, unreachable=frozenset(user_ids))


WELL = [asks(ADA), asks(BEN)]


def test_where_all_is_well_it_says_how_many_are_asked_soon() -> None:
    (only,) = check(WELL)
    assert (only.level, only.sentence) == (Level.PROVEN, "2 different people are asked within 15 min now.")


@pytest.mark.parametrize(
    ("steps", "level", "says"),
    [
        ([], Level.WARNING, "There is no step"),
        ([StepFacts(step(targets=()))], Level.ERROR, "Step 1 is empty"),
        ([asks(), asks(BEN)], Level.ERROR, "Step 1 has nobody now, so step 2 comes at once."),
        ([asks(ADA), asks()], Level.ERROR, "Step 2 has nobody now, so the last resort comes at once."),
        ([StepFacts(step(), (), True), asks(BEN)], Level.WARNING, "Step 1 tells a room and asks nobody"),
        ([StepFacts(step(), (ADA,), gap=GAP, schedule_id=3), asks(BEN)], Level.WARNING,
         "step 1 has nobody, so step 2 comes at once."),
        ([asks(ADA), asks(ADA, BEN), asks(ADA)], Level.WARNING, "Ada is asked by steps 1, 2 and 3 now"),
        ([asks(ADA)], Level.WARNING, "One person alone is asked within 15 min now"),
        ([without_a_way(asks(ADA), 1), asks(BEN)], Level.ERROR,
         "Ada has no way that works: step 1 rings nobody, so step 2 comes at once."),
        ([asks(ADA), without_a_way(asks(ADA, BEN), 1, 2)], Level.ERROR,
         "Ada and Ben have no way that works: step 2 rings nobody, so the last resort comes at once."),
        ([without_a_way(asks(ADA, BEN), 2)], Level.WARNING, "Ben has no way that works: step 1 does not ring"),
        ([asks(ADA), without_a_way(asks(BEN), 2)], Level.WARNING, "One person alone is asked within 15 min"),
        ([asks(ADA, wait=timedelta(hours=1)), asks(BEN)], Level.WARNING, "One person alone"),
        ([asks(ADA, when=Condition(hours=ALL_WEEK, outside=True)), asks(BEN)], Level.WARNING,
         "Step 1 can never be taken"),
        ([asks(ADA, every=FIVE), asks(BEN)], Level.WARNING,
         "Step 1 never reminds: every 5 min is not before its wait of 5 min is over."),
        ([asks(ADA, when=Condition(frozenset({Severity.CRITICAL})))], Level.WARNING,
         "No step is taken for error or warning or info: such an alert goes to the last resort at once."),
    ],
)  # fmt: skip
def test_each_oddity_has_its_sentence(steps: list[StepFacts], level: Level, says: str) -> None:
    found = check(steps)
    assert [one.level for one in found if one.sentence.startswith(says)] == [level]


def test_a_rule_of_a_person_that_begins_when_every_step_is_over_can_never_fire() -> None:
    late = LateRule(1, "Ada", "Call to …17", timedelta(minutes=12))
    (only, _) = check([asks(ADA, wait=timedelta(minutes=10)), asks(BEN)], rules=[late])
    assert only.sentence == (
        "Ada: Call to …17 begins after 12 min, and step 1 is over after 10 min. It would never ring."
    )
    assert len(check([asks(ADA, wait=timedelta(minutes=13)), asks(BEN)], rules=[late])) == 1


def test_more_answers_than_people_are_an_error_and_stand_first() -> None:
    found = check([*WELL, asks(ADA)], answers=3)
    assert found[0].sentence.startswith("3 people must acknowledge and 2 would be asked")
    assert found[0].level is Level.ERROR
    assert check(WELL, answers=2)[0].level is Level.PROVEN


def test_a_circle_is_an_error() -> None:
    assert check([], circles=True)[0].sentence.startswith("A step leads back to this policy")
