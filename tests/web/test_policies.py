"""The editor of policies: works without scripts, says what is odd, tells who would be paged, publishes."""

import re
from typing import Any

import pytest
import sqlalchemy as sa
from werkzeug.datastructures import MultiDict

from app.alerts.models import Service
from app.database import db, transaction
from app.domain.words import LowUrgency
from app.oncall import policies
from app.oncall.models import EscalationPolicy
from app.paging.models import PushSubscription
from app.web import policy_form as form
from tests.support.browser_forms import post
from tests.support.world import World
from tests.web.conftest import SeenBy
from tests.web.test_schedule_editor import fields_of, press

NIGHT = {"weekdays": ["mon", "fri"], "start": "22:00", "end": "06:00"}


@pytest.fixture
def policy(world: World) -> int:
    cast = world.cast
    steps = [
        {"wait_minutes": 2.5, "targets": [{"kind": "user", "id": str(cast.ada.id)}], "reminders": 1,
         "when": {"severities": ["critical"], "hours": [NIGHT, NIGHT], "outside": True,
                  "time_zone": "Asia/Tokyo"}},
        {"wait_minutes": 10, "targets": [{"kind": "team", "id": str(cast.payments.id)}], "round_robin": True},
    ]  # fmt: skip
    with transaction():
        return policies.create(
            name="Deep", team_id=cast.payments.id, steps=steps, repeat=1, answers=2, ask_again_minutes=20,
            flap_limit=3, last_resort_user_id=cast.cleo.id, by=db.session.merge(cast.mara), at=world.now,
        ).id  # fmt: skip


def stored(number: int) -> EscalationPolicy:
    db.session.rollback()
    return db.session.get_one(EscalationPolicy, number, populate_existing=True)


def story(page: str) -> list[str]:
    """The lines of the simulation: when, and who."""
    line = r'class="after">([^<]*)</span><div class="words"><span class="name">(.*?)</span><span class="facts'
    found = re.findall(line, page)
    return [f"{after} {re.sub('<[^>]*>', '', name).split(' ', 1)[-1]}" for after, name in found]


def test_a_policy_goes_through_the_form_unchanged(world: World, policy: int, seen_by: SeenBy) -> None:
    path, mara = f"/escalation-policies/{policy}", seen_by(world.cast.mara)
    before = stored(policy)
    kept = (
        before.steps,
        before.repeat,
        before.answers,
        before.ask_again_minutes,
        before.flap_limit,
        before.last_resort_user_id,
    )
    answer = press(mara, path, mara.get(path).text, "publish")
    assert answer.status_code == 303
    after = stored(policy)
    assert (
        after.steps,
        after.repeat,
        after.answers,
        after.ask_again_minutes,
        after.flap_limit,
        after.last_resort_user_id,
    ) == kept
    assert after.version == 2


def test_buttons_change_the_draft_and_nothing_else(world: World, policy: int, seen_by: SeenBy) -> None:
    path, mara = f"/escalation-policies/{policy}", seen_by(world.cast.mara)
    before, page = stored(policy).steps, mara.get(path).text
    for button in ("up-1", "add-step", "remove-step-1", "up-9", "remove-step-x", "look"):
        page = press(mara, path, page, button).text
    draft = form.read(fields_of(page), "UTC")
    assert [step.targets for step in draft.steps] == [[f"team:{world.cast.payments.id}"], []]
    assert "Step 2 is empty. Choose whom it asks, or remove it." in page
    assert press(mara, path, page, "publish").status_code == 422
    assert stored(policy).steps == before


def test_the_draft_is_simulated_before_anybody_publishes_it(world: World, policy: int, seen_by: SeenBy) -> None:
    path, mara = f"/escalation-policies/{policy}", seen_by(world.cast.mara)
    page = mara.get(path).text
    asked = {"step-0-target": f"user:{world.cast.ben.id}", "step-0-hours": "", "at": "2026-11-14T23:30"}
    told = press(mara, path, page, "look", **asked).text
    assert "0:00 Ben" in "\n".join(story(told))
    assert "Reminded after 1:15" in told
    assert "Round 2 begins" in told
    assert stored(policy).steps[0]["targets"][0]["id"] == str(world.cast.ada.id)
    low = press(mara, path, page, "look", **asked, severity="warning", urgency="low").text
    assert "This step is only critical" in low


def test_125_quiet_alerts_of_a_service_that_only_records_them_page_nobody(
    world: World, seen_by: SeenBy
) -> None:
    path, mara = f"/escalation-policies/{world.cast.policy.id}", seen_by(world.cast.mara)
    low = {"service": str(world.cast.checkout.id), "severity": "warning", "urgency": "low"}
    assert "0:00 Ada" in "\n".join(story(press(mara, path, mara.get(path).text, "look", **low).text))
    with transaction():
        db.session.get_one(Service, world.cast.checkout.id).low_urgency = LowUrgency.RECORD
    told = press(mara, path, mara.get(path).text, "look", **low).text
    assert "checkout-api records its alerts of low urgency" in told
    assert "Ada" not in "\n".join(story(told))
    high = press(mara, path, mara.get(path).text, "look", **low | {"urgency": "high"}).text
    assert "0:00 Ada" in "\n".join(story(high))


def test_57_the_checks_know_who_cannot_be_reached_as_the_simulation_does(world: World, seen_by: SeenBy) -> None:
    path = f"/escalation-policies/{world.cast.policy.id}"
    assert "no way that works" not in seen_by(world.cast.mara).get(path).text
    with transaction():
        db.session.execute(sa.delete(PushSubscription).where(PushSubscription.user_id == world.cast.ben.id))
    page = seen_by(world.cast.mara).get(path).text
    assert "Ben has no way that works: step 2 rings nobody, so the last resort comes at once." in page
    assert "One person alone is asked within 15 min now" in page
    assert "5:00 2: nobody" in "\n".join(story(page))


def test_a_step_says_what_is_folded_away(world: World, policy: int, seen_by: SeenBy) -> None:
    page = seen_by(world.cast.mara).get(f"/escalation-policies/{policy}").text
    assert "1 reminder, only critical, only outside 22:00–06:00 Asia/Tokyo" in page
    assert 'class="facts">In turns' in page
    usual, odd = form.StepRow(), form.StepRow(reminders="x", every="2")
    assert (usual.more, odd.more, form.StepRow(reminders="0", every="2").more) == (
        "", "X every 2 min", "No reminders",
    )  # fmt: skip


def test_whoever_may_not_edit_reads_it_and_asks_who_would_be_paged(
    world: World, policy: int, seen_by: SeenBy
) -> None:
    path, dan = f"/escalation-policies/{policy}", seen_by(world.cast.dan)
    page = dan.get(path, query_string={"severity": "critical", "at": "nonsense"})
    assert page.status_code == 200
    assert "Publish" not in page.text
    draft = page.text[page.text.index('id="draft"') :]
    assert "csrf_token" not in draft[: draft.index("</form>")]
    assert post(dan, path, {"press": "publish"}, page="/me/profile").status_code == 403
    assert seen_by(world.cast.eli).get(path).status_code == 403


def test_a_lost_update_keeps_the_draft_and_says_so(world: World, policy: int, seen_by: SeenBy) -> None:
    path, mara = f"/escalation-policies/{policy}", seen_by(world.cast.mara)
    page = mara.get(path).text
    press(mara, path, page, "publish", name="First")
    late = press(mara, path, page, "publish", name="Second")
    assert (late.status_code, stored(policy).name) == (409, "First")
    assert 'value="Second"' in late.text
    assert press(mara, path, late.text, "publish").status_code == 303
    assert stored(policy).name == "Second"


def test_one_is_made_for_a_team_and_removed_while_nothing_is_paged_by_it(world: World, seen_by: SeenBy) -> None:
    team, mara = world.cast.payments, seen_by(world.cast.mara)
    door = f"/escalation-policies/new?team_id={team.id}"
    assert door in mara.get(f"/teams/{team.id}?tab=services").text
    fields = fields_of(mara.get(door).text)
    fields.setlist("step-0-target", [f"user:{world.cast.ben.id}", f"user:{world.cast.ben.id}"])
    assert fields["name"] == "", "the usual name is taken"
    fields["press"], fields["name"] = "publish", "Payments nights"
    made = mara.post("/escalation-policies/new", data=fields)
    assert made.status_code == 303
    number = int(made.headers["Location"].rsplit("/", 1)[1])
    assert stored(number).steps == [
        {"wait_minutes": 5, "targets": [{"kind": "user", "id": str(world.cast.ben.id)}]}
    ]
    token = {"csrf_token": fields["csrf_token"]}
    used = mara.post(f"/escalation-policies/{world.cast.policy.id}/removal", data=token)
    assert used.status_code == 409
    assert "checkout-api is paged by it" in used.text
    assert mara.post(f"/escalation-policies/{number}/removal", data=token).status_code == 303
    db.session.rollback()
    assert db.session.scalar(sa.select(EscalationPolicy.id).where(EscalationPolicy.id == number)) is None


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"step-0-wait": "soon"}, "step-0-wait"),
        ({"step-0-target": "oracle:1"}, "step-0-target"),
        ({"step-0-target": "user:999"}, "step-0-target"),
        ({"step-0-reminders": "21"}, "step-0-reminders"),
        ({"step-0-hours": "within", "step-0-zone": "Moon/Base"}, "step-0-hours"),
        ({"repeat": "x"}, "repeat"),
        ({"repeat": "1e999"}, "repeat"),
        ({"last_resort_user_id": "9" * 30}, "last_resort_user_id"),
        ({"last_resort_user_id": "²"}, "last_resort_user_id"),
        ({"answers": "0"}, "answers"),
        ({"ask_again_minutes": "1"}, "ask_again_minutes"),
        ({"flap_limit": "0"}, "flap_limit"),
        ({"name": " "}, "name"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(
    world: World, policy: int, seen_by: SeenBy, changes: dict[str, Any], field: str
) -> None:
    path, mara = f"/escalation-policies/{policy}", seen_by(world.cast.mara)
    answer = press(mara, path, mara.get(path).text, "publish", **changes)
    assert answer.status_code == 422
    assert f'href="#{field}"' in answer.text
    assert f'id="{field}"' in answer.text


@pytest.mark.parametrize(
    "nonsense", [{"repeat": "inf"}, {"last_resort_user_id": "9" * 5000}, {"step-0-further": "[" * 5000}]
)
def test_nonsense_is_looked_at_without_an_error_of_ours(
    world: World, policy: int, seen_by: SeenBy, nonsense: dict[str, str]
) -> None:
    path, mara = f"/escalation-policies/{policy}", seen_by(world.cast.mara)
    assert press(mara, path, mara.get(path).text, "look", **nonsense).status_code == 200


def test_nonsense_in_the_form_is_no_error_of_ours() -> None:
    draft = form.read(MultiDict({"steps": "99999", "step-0-further": "{", "step-0-wait": "1e999"}), "UTC")
    assert len(draft.steps) == form.MOST
    form.press(draft, "up--1", zone="UTC")
    assert draft.steps[0].further == []
