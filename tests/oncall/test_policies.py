"""Making and replacing escalation policies."""

from typing import Any

import pytest

from app import clock
from app.database import db, transaction
from app.domain.invalid import InvalidField, StaleVersion
from app.domain.timeline import Kind, Subject
from app.oncall import policies
from app.oncall.models import EscalationPolicy, Schedule
from app.oncall.unfold import unfold
from app.timeline.queries import events_about
from tests.support.cast import Cast


def make(cast: Cast, **changes: Any) -> EscalationPolicy:
    columns: dict[str, Any] = {
        "name": "Payments",
        "team_id": cast.payments.id,
        "steps": [{"targets": [{"kind": "user", "id": str(cast.ada.id)}]}],
    }
    with transaction():
        return policies.create(by=cast.mara, at=clock.now(), **(columns | changes))


def test_a_policy_keeps_its_steps_in_full_and_writes_an_event(cast: Cast, weekly: Schedule) -> None:
    policy = make(
        cast, repeat=2, last_resort_user_id=cast.mara.id,
        steps=[{"targets": [{"kind": "schedule", "id": weekly.id}, {"kind": "user", "id": cast.ben.id}]}],
    )  # fmt: skip
    db.session.expire_all()
    assert policy.steps == [
        {
            "wait_minutes": 5,
            "targets": [{"kind": "schedule", "id": str(weekly.id)}, {"kind": "user", "id": str(cast.ben.id)}],
        }
    ]
    assert (policy.repeat, policy.last_resort_user_id, policy.version) == (2, cast.mara.id, 1)
    [event] = events_about(Subject.ESCALATION_POLICY, policy.id)
    assert (event.kind, event.actor_id) == (Kind.CREATED, cast.mara.id)


def test_of_two_edits_of_one_version_the_second_is_refused(cast: Cast) -> None:
    policy = make(cast)
    edit = {"team_id": cast.payments.id, "steps": [], "by": cast.mara, "at": clock.now()}
    with transaction():
        policies.replace(policy, version=1, name="First", **edit)
    with pytest.raises(StaleVersion), transaction():
        policies.replace(policy, version=1, name="Second", **edit)
    db.session.expire_all()
    assert (policy.name, policy.version, policy.steps) == ("First", 2, [])
    assert [event.kind for event in events_about(Subject.ESCALATION_POLICY, policy.id)] == [
        Kind.CREATED,
        Kind.CHANGED,
    ]


def test_everything_that_is_wrong_is_said_at_once(cast: Cast) -> None:
    with pytest.raises(InvalidField) as refused:
        make(
            cast, name="", team_id=999, repeat=-1, last_resort_user_id=998,
            steps=[{"targets": [{"kind": "user", "id": "997"}, {"kind": "schedule", "id": "996"}]}],
        )  # fmt: skip
    assert [pointer for pointer, _ in refused.value.errors] == [
        "/name",
        "/repeat",
        "/team_id",
        "/last_resort_user_id",
        "/steps/0/targets/0/id",
        "/steps/0/targets/1/id",
    ]


def test_a_name_that_another_policy_has_is_refused(cast: Cast) -> None:
    make(cast)
    with pytest.raises(InvalidField, match="another escalation policy"):
        make(cast)


def test_feature_120_a_step_may_ask_a_team_that_there_is(cast: Cast) -> None:
    policy = make(cast, steps=[{"targets": [{"kind": "team", "id": cast.search.id}]}])
    assert policy.steps[0]["targets"] == [{"kind": "team", "id": str(cast.search.id)}]
    with pytest.raises(InvalidField) as refused:
        make(cast, name="Other", steps=[{"targets": [{"kind": "team", "id": "999"}]}])
    assert refused.value.errors == [("/steps/0/targets/0/id", "there is no such team")]


def test_120_steps_that_come_to_more_than_a_run_takes_are_refused_also_from_below(cast: Cast) -> None:
    anybody = {"targets": [{"kind": "user", "id": cast.ada.id}]}
    inner = make(cast, name="Inner", steps=[anybody])
    outer = make(cast, name="Outer", steps=[naming(inner)] * 20)
    with pytest.raises(InvalidField) as refused:
        make(cast, name="Outermost", steps=[naming(outer)] * 20)
    assert refused.value.errors == [("/steps", "come to more than 399 with the steps of the policies named")]
    edit = {"name": "Inner", "team_id": cast.payments.id, "by": cast.mara, "at": clock.now()}
    with pytest.raises(InvalidField, match="make those of Outer too many"), transaction():
        policies.replace(inner, version=1, steps=[anybody] * 20, **edit)
    with transaction():
        policies.replace(inner, version=1, steps=[anybody] * 19, **edit)
    assert len(unfold(outer.steps)) == 380


def naming(policy: EscalationPolicy) -> dict[str, Any]:
    return {"targets": [{"kind": "policy", "id": policy.id}]}
