"""F-22: any story of an alert, told twice: by the product and by a small model. They agree after each act."""

from dataclasses import dataclass, field

import pytest
import sqlalchemy as sa
from apiflask import APIFlask
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from app.alerts import escalate, queries
from app.alerts.acknowledge import acknowledge, unacknowledge
from app.alerts.models import Alert
from app.alerts.resolve import resolve
from app.database import db, transaction
from app.domain.words import AlertStatus
from app.oncall.models import EscalationPolicy
from app.paging.models import Page
from app.people.models import User
from tests.support.clock import TestClock
from tests.support.lane import IS_FULL
from tests.support.world import World

STORIES, ACTS = (2000, 50) if IS_FULL else (12, 30)
WAIT = 5  # minutes of a step, and between two askings of the last resort
LAST_TURNS = 12  # askings of the last resort

pytestmark = pytest.mark.fault


@dataclass
class Model:
    """One alert as it should be. Minutes since the story began; who is asked, in order, ends with Mara."""

    now: int = 0
    status: str = "none"
    line: tuple[str, ...] = ("Ada", "Ben")
    asked: tuple[str, ...] = ()  # the line as this run found it at its first step
    turn: int = 0
    due: int | None = None
    paged: list[str] = field(default_factory=list)

    def begin(self) -> None:
        self.status, self.turn, self.due, self.asked = "triggered", 0, self.now, ()

    def stop(self, status: str) -> None:
        self.status, self.due = status, None

    def pass_minute(self) -> None:
        self.now += 1
        self.step()

    def step(self) -> None:
        if self.due is None or self.due > self.now:
            return
        self.asked = self.asked or self.line
        if self.turn == len(self.asked) + LAST_TURNS:
            self.due = None
            return
        self.paged.append((*self.asked, *["Mara"] * LAST_TURNS)[self.turn])
        self.turn, self.due = self.turn + 1, self.now + WAIT


class Killed(Exception):
    """What a kill -9 leaves of a transaction: nothing."""


class Story(RuleBasedStateMachine):
    world: World
    stories = 0

    def __init__(self) -> None:
        super().__init__()
        type(self).stories += 1
        self.key, self.model = f"story {self.stories}", Model()
        self.alert_ids: list[int] = []
        self._turn_line(("Ada", "Ben"))

    @precondition(lambda self: self.model.status in ("none", "resolved"))
    @rule()
    def comes_in(self) -> None:
        alert_id = self.world.fire(key=self.key).alert_id
        assert alert_id is not None
        self.alert_ids.append(alert_id)
        self.model.begin()

    @precondition(lambda self: self.model.status in ("triggered", "acknowledged"))
    @rule()
    def comes_in_again(self) -> None:
        assert self.world.fire(key=self.key).alert_id == self.alert_ids[-1]

    @precondition(lambda self: self.model.status == "triggered")
    @rule()
    def is_acknowledged(self) -> None:
        with transaction():
            acknowledge(self._alert(), by=self._user("Ada"), at=self.world.now)
        self.model.stop("acknowledged")

    @precondition(lambda self: self.model.status == "acknowledged")
    @rule()
    def is_given_back(self) -> None:
        with transaction():
            unacknowledge(self._alert(), by=self._user("Ada"), at=self.world.now)
        self.model.begin()

    @precondition(lambda self: self.model.status in ("triggered", "acknowledged"))
    @rule()
    def is_over(self) -> None:
        with transaction():
            resolve(self._alert(), by=self._user("Ada"), at=self.world.now)
        self.model.stop("resolved")

    @rule(minutes=st.integers(1, 12))
    def time_passes(self, minutes: int) -> None:
        for _ in range(minutes):
            self.world.forward(minutes=1)
            self.model.pass_minute()

    @precondition(lambda self: self.alert_ids != [])
    @rule()
    def the_engine_dies_before_its_commit(self) -> None:
        with pytest.raises(Killed):
            self._die_in_a_step()

    def _die_in_a_step(self) -> None:
        with transaction():
            escalate.advance(self.alert_ids[-1], at=self.world.now)
            raise Killed

    @rule(line=st.permutations(["Ada", "Ben"]))
    def the_policy_is_edited(self, line: list[str]) -> None:
        self._turn_line(tuple(line))

    @invariant()
    def both_tell_the_same(self) -> None:
        self.world.tick()
        self.model.step()
        if not self.alert_ids:
            return
        db.session.rollback()
        mine = (
            sa.select(User.name)
            .join(Page, Page.user_id == User.id)
            .where(Page.kind == "page", Page.subject_id.in_(self.alert_ids))
        )
        assert list(db.session.scalars(mine.order_by(Page.id))) == self.model.paged
        alert = self.world.alert(self.alert_ids[-1])
        assert alert.status is AlertStatus(self.model.status)
        assert (self.world.escalation(alert.id).next_due_at is None) == (self.model.due is None)

    def _alert(self) -> Alert:
        alert = queries.locked(self.alert_ids[-1])
        assert alert is not None
        return alert

    def _user(self, name: str) -> User:
        return db.session.scalars(sa.select(User).where(User.name == name)).one()

    def _turn_line(self, line: tuple[str, ...]) -> None:
        with transaction():
            policy = db.session.scalars(sa.select(EscalationPolicy)).one()
            policy.flap_limit = None  # the model knows of none
            policy.steps = [
                step | {"targets": [{"kind": "user", "id": str(self._user(name).id)}]}
                for step, name in zip(policy.steps, line, strict=True)
            ]
        self.model.line = line

    def teardown(self) -> None:
        if self.model.status in ("triggered", "acknowledged"):
            self.is_over()


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
def test_F22_the_product_and_a_model_of_it_agree_after_every_act(app: APIFlask, clock: TestClock) -> None:
    Story.world = World(clock, last_resort=True)
    run_state_machine_as_test(
        Story,
        settings=settings(
            max_examples=STORIES, stateful_step_count=ACTS, deadline=None, derandomize=not IS_FULL,
            suppress_health_check=list(HealthCheck), database=None,
        ),
    )  # fmt: skip
