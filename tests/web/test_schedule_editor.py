"""The editor of a schedule: a form that works without scripts, keeps what was typed, publishes or says why."""

import html
import re
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from app import clock
from app.database import db, transaction
from app.domain.rotation import Unit
from app.oncall import fairness, queries, schedules
from app.oncall.models import Schedule
from app.people.models import User
from app.web import schedule_form as form
from tests.support.oncall import layer_json, utc
from tests.support.world import World

SeenBy = Callable[[User], FlaskClient]
NIGHTS = {"weekdays": ["fri", "sat"], "start": "22:00", "end": "08:00"}


@pytest.fixture
def schedule(world: World) -> Schedule:
    ids = [[world.cast.ada.id, world.cast.ben.id], [world.cast.ben.id]]
    with transaction():
        return schedules.create(
            name="Payments primary", team_id=world.cast.payments.id, time_zone="Europe/London",
            by=world.cast.mara, at=world.now,
            layers=[layer_json("2026-11-09T09:00", ids, restrictions=[NIGHTS])],
        )  # fmt: skip


def fields_of(page: str) -> MultiDict[str, str]:
    """What a browser would send of the form, nothing pressed."""
    found: MultiDict[str, str] = MultiDict()
    body = page[page.index('id="draft"') : page.index("</form>", page.index('id="draft"'))]
    for name, text in re.findall(r'<textarea [^>]*name="([^"]+)"[^>]*>(.*?)</textarea>', body, re.DOTALL):
        found.add(name, html.unescape(text))
    for tag in re.finditer(r"<input ([^>]*)>|<select ([^>]*)>(.*?)</select>", body, re.DOTALL):
        attributes = dict(re.findall(r'([\w-]+)="([^"]*)"', tag[1] or tag[2]))
        if tag[2]:
            chosen = re.search(r'value="([^"]*)" selected', tag[3])
            found.add(attributes["name"], chosen[1] if chosen else "")
        elif attributes.get("type") != "checkbox" or re.search(r"\bchecked\b", tag[1]):
            found.add(attributes["name"], html.unescape(attributes.get("value", "")))
    return found


def press(client: FlaskClient, path: str, page: str, button: str, **changes: Any) -> TestResponse:
    fields = fields_of(page)
    for name, value in changes.items():
        fields.setlist(name, value if isinstance(value, list) else [value])
    fields["press"] = button
    return client.post(path, data=fields)


def stored() -> Schedule:
    return db.session.scalars(sa.select(Schedule).execution_options(populate_existing=True)).one()


def test_a_schedule_goes_through_the_form_unchanged(world: World, schedule: Schedule, seen_by: SeenBy) -> None:
    path, mara = f"/schedules/{schedule.id}/edit", seen_by(world.cast.mara)
    before = stored().layers
    answer = press(mara, path, mara.get(path).text, "publish")
    assert answer.status_code == 303
    assert stored().layers == before
    assert stored().version == 2


def test_buttons_change_the_draft_and_nothing_else(world: World, schedule: Schedule, seen_by: SeenBy) -> None:
    path, mara = f"/schedules/{schedule.id}/edit", seen_by(world.cast.mara)
    before = stored().layers
    page = mara.get(path).text
    for button in ("add-turn-0", "up-0-1", "add-hours-0", "add-layer", "look"):
        answer = press(mara, path, page, button)
        assert answer.status_code == (422 if button == "look" else 200)  # the new layer has a turn of nobody
        page = answer.text
    draft = form.read(fields_of(page))
    assert [turn.primary for turn in draft.layers[0].turns] == [
        str(world.cast.ben.id),
        str(world.cast.ada.id),
        "",
    ]
    assert len(draft.layers) == 2
    assert len(draft.layers[0].hours) == 2
    for button in ("remove-layer-1", "remove-turn-0-2", "remove-hours-0-1", "up-0-1"):
        page = press(mara, path, page, button).text
    assert form.read(fields_of(page)).layers_json() == before
    assert stored().layers == before


def test_every_unit_of_a_rotation_can_be_chosen() -> None:
    assert {key for key, _ in form.UNITS} == set(Unit)


def test_R4_a_temporary_schedule_is_made_changed_and_removed_by_the_form(
    world: World, schedule: Schedule, seen_by: SeenBy
) -> None:
    path, mara = f"/schedules/{schedule.id}/edit", seen_by(world.cast.mara)
    page = press(mara, path, mara.get(path).text, "add-temporary").text
    assert "Counts instead of the layers in these hours" in page
    days = {
        "temporary-0-name": "Christmas", "temporary-0-start": "2026-12-24T09:00",
        "temporary-0-end": "2026-12-28T09:00", "temporary-0-primary": str(world.cast.cleo.id),
    }  # fmt: skip
    wrong = press(mara, path, page, "publish", **(days | {"temporary-0-end": "2026-12-24T08:00"}))
    assert (wrong.status_code, 'href="#temporary-0-end"' in wrong.text) == (422, True)
    assert press(mara, path, page, "publish", override_reason="Agreed.", **days).status_code == 303
    [kept] = stored().temporary
    assert (kept["name"], kept["start"], kept["holes_are_intended"]) == ("Christmas", "2026-12-24T09:00", False)
    noon = [utc(f"2026-12-{day} 12:00") for day in (23, 24, 27, 28)]
    who = [[each.name for each in queries.on_call_at(schedule.id, at)] for at in noon]
    assert who == [[], ["Cleo"], ["Cleo"], []], "the layers, of nobody at noon, count again by themselves"
    page = press(mara, path, mara.get(path).text, "publish", override_reason="Agreed.")
    assert (page.status_code, stored().temporary) == (303, [kept]), "it goes through the form unchanged"
    page = press(mara, path, mara.get(path).text, "remove-temporary-0").text
    assert press(mara, path, page, "publish", override_reason="Agreed.").status_code == 303
    assert stored().temporary == []


def test_feature_92_the_holidays_of_the_schedule_go_into_its_business_days(
    world: World, schedule: Schedule, seen_by: SeenBy
) -> None:
    path, mara = f"/schedules/{schedule.id}/edit", seen_by(world.cast.mara)
    days = {date(2026, 12, 25): "Christmas Day"}
    with transaction():
        fairness.bring_holidays(stored(), days, by=world.cast.mara, at=clock.now())
    page = mara.get(path).text
    assert "-holidays" not in page
    weekdays = {"layer-0-unit": "business_day", "layer-0-start": "2026-11-09T09:00"}
    page = press(mara, path, page, "look", **weekdays).text
    assert "Add the 1 holiday of this schedule" in page
    page = press(mara, path, page, "add-holidays-0", **{"layer-0-holidays": "2027-01-01"}).text
    assert form.read(fields_of(page)).layers[0].holidays == "2026-12-25\n2027-01-01"
    wrong = press(mara, path, page, "publish", **{"layer-0-holidays": "Christmas"})
    assert (wrong.status_code, 'href="#layer-0-holidays"' in wrong.text) == (422, True)
    assert press(mara, path, page, "publish", override_reason="Agreed.").status_code == 303
    assert stored().layers[0]["rotation"]["holidays"] == ["2026-12-25", "2027-01-01"]
    page = mara.get(path).text
    assert press(mara, path, page, "publish", override_reason="Agreed.").status_code == 303
    assert stored().layers[0]["rotation"]["holidays"] == ["2026-12-25", "2027-01-01"]


def test_publishing_changes_it_and_a_stale_form_is_told_and_kept(
    world: World, schedule: Schedule, seen_by: SeenBy
) -> None:
    path, mara, cleo = f"/schedules/{schedule.id}/edit", seen_by(world.cast.mara), seen_by(world.cast.cleo)
    mine, theirs = mara.get(path).text, cleo.get(path).text
    assert press(mara, path, mine, "publish", name="Payments nights").status_code == 303
    late = press(cleo, path, theirs, "publish", name="Payments by Cleo")
    assert late.status_code == 409
    assert "Somebody changed this schedule meanwhile" in late.text
    assert "Payments by Cleo" in late.text
    assert stored().name == "Payments nights"
    assert press(cleo, path, late.text, "publish").status_code == 303


def test_what_is_wrong_is_told_at_its_field_and_kept(world: World, schedule: Schedule, seen_by: SeenBy) -> None:
    path, mara = f"/schedules/{schedule.id}/edit", seen_by(world.cast.mara)
    answer = press(
        mara, path, mara.get(path).text, "publish", name="", time_zone="Moon/Tycho",
        **{"layer-0-length": "0", "layer-0-start": "soon", "layer-0-primary": ["", ""]},
        **{"layer-0-hours-0-end": "x"},
    )  # fmt: skip
    assert answer.status_code == 422
    for name in ("name", "time_zone", "layer-0-length", "layer-0-start", "layer-0-hours-0-end"):
        assert f'href="#{name}"' in answer.text, name
    assert 'value="Moon/Tycho"' in answer.text


@pytest.mark.parametrize(
    "hostile",
    [
        {"layers": "x"}, {"layers": "-3"}, {"layers": "999999"}, {"layer-0-hours": "nonsense"},
        {"layer-0-kept": "[1"}, {"layer-0-kept": "[1]"}, {"layer-0-primary": ["nobody"]}, {"version": "x"},
        {"layer-0-length": "9" * 50}, {"layer-0-kept-rotation": '{"unit": 3}'}, {"layer-0-unit": "aeon"},
        {"temporary": "1"}, {"temporary": "1", "temporary-0-kept": "[1]"}, {"temporary": "x"},
    ],
)  # fmt: skip
def test_a_form_nobody_could_send_by_hand_is_never_a_500(
    world: World, schedule: Schedule, seen_by: SeenBy, hostile: dict[str, Any]
) -> None:
    path, mara = f"/schedules/{schedule.id}/edit", seen_by(world.cast.mara)
    for button in (
        "publish",
        "look",
        "remove-layer-99",
        "up-0-99",
        "--",
        "add-turn-",
        "up-0-²",
        "add-person-9",
    ):
        answer = press(mara, path, mara.get(path).text, button, **hostile)
        assert answer.status_code in (200, 303, 409, 422), (button, hostile)


def test_a_new_one_begins_on_a_monday_and_is_of_the_team(world: World, seen_by: SeenBy) -> None:
    mara, path = seen_by(world.cast.mara), "/schedules/new"
    page = mara.get(f"{path}?team_id={world.cast.payments.id}").text
    assert "2026-11-16T09:00" in page
    assert press(mara, path, page, "publish").status_code == 422  # turns of nobody
    made = press(mara, path, page, "publish", **{"layer-0-primary": [str(world.cast.ada.id)]})
    assert made.status_code == 303
    assert stored().team_id == world.cast.payments.id
    assert stored().layers[0]["rotation"]["participants"] == [[str(world.cast.ada.id)]]


def test_a_template_fills_a_new_schedule_with_the_team_and_what_it_requires(
    world: World, seen_by: SeenBy
) -> None:
    mara, path = seen_by(world.cast.mara), "/schedules/new"
    page = mara.get(f"{path}?team_id={world.cast.payments.id}").text
    for title in ("Weekly", "Follow the sun", "Week and weekend", "Off-hours"):
        assert f">{title}</button>" in page
    team = sorted((one.user for one in world.cast.payments.memberships), key=lambda user: user.name)
    page = press(mara, path, page, "template-follow_the_sun").text
    homes = {one.time_zone for one in team if one.can_respond}
    assert len(homes) > 1
    assert {layer.kept["time_zone"] for layer in form.read(fields_of(page)).layers} == homes
    page = press(mara, path, page, "template-off_hours").text  # the second choice replaces the first
    draft = form.read(fields_of(page))
    assert [layer.name for layer in draft.layers] == ["Off-hours"]
    assert [turn.primary for turn in draft.layers[0].turns] == [str(one.id) for one in team if one.can_respond]
    page = press(mara, path, page, "template-none_such").text
    assert form.read(fields_of(page)) == draft
    made = press(mara, path, page, "publish", override_reason="As agreed")
    assert made.status_code == 303
    assert [hours["start"] for hours in stored().requirements["hours"]] == ["17:00", "00:00", "00:00"]
    assert "Start from" not in mara.get(f"/schedules/{stored().id}/edit").text


def test_requirements_nobody_could_send_by_hand_are_refused(world: World, seen_by: SeenBy) -> None:
    mara, path = seen_by(world.cast.mara), "/schedules/new"
    page = mara.get(f"{path}?team_id={world.cast.payments.id}").text
    person = [str(world.cast.ada.id)]
    for sent in ('{"hours": "sometimes"}', '{"people": -1}', '{"what": 1}'):
        answer = press(mara, path, page, "publish", requirements=sent, **{"layer-0-primary": person})
        assert answer.status_code == 422
    assert (
        press(mara, path, page, "publish", requirements="[", **{"layer-0-primary": person}).status_code == 303
    )


def test_only_who_edits_rotations_gets_the_form(world: World, schedule: Schedule, seen_by: SeenBy) -> None:
    for user, status in ((world.cast.ada, 403), (world.cast.dan, 403), (world.cast.eli, 403)):
        assert seen_by(user).get(f"/schedules/{schedule.id}/edit").status_code == status
        assert seen_by(user).get(f"/schedules/new?team_id={world.cast.payments.id}").status_code == status
    assert seen_by(world.cast.mara).get("/schedules/99/edit").status_code == 404
    assert seen_by(world.cast.mara).get("/schedules/new?team_id=99").status_code == 404


def test_D5_an_error_that_the_check_finds_is_published_with_a_reason_or_not_at_all(
    world: World, schedule: Schedule, seen_by: SeenBy
) -> None:
    path, mara = f"/schedules/{schedule.id}/edit", seen_by(world.cast.mara)
    with transaction():
        db.session.merge(world.cast.ben).is_active = False
    looked = press(mara, path, mara.get(path).text, "look")
    assert looked.status_code == 200
    assert 'class="finding error"' in looked.text
    assert "Publish with this reason" in looked.text
    refused = press(mara, path, looked.text, "publish")
    assert refused.status_code == 422
    assert 'href="#override_reason"' in refused.text
    assert stored().version == 1
    fields = fields_of(refused.text)
    fields["override_reason"], fields["press"] = "Ben comes back on Monday.", "publish"
    assert mara.post(path, data=fields).status_code == 303
    assert stored().version == 2
    page = mara.get(f"/schedules/{schedule.id}").text
    assert "The next 800 days, checked" in page
    assert 'class="finding error"' in page


def test_R14_looking_says_who_is_touched_and_nothing_changes(
    world: World, schedule: Schedule, seen_by: SeenBy
) -> None:
    path, mara = f"/schedules/{schedule.id}/edit", seen_by(world.cast.mara)
    ids = [str(world.cast.ada.id), str(world.cast.dan.id)]
    looked = press(
        mara, path, mara.get(path).text, "look", **{"layer-0-primary": ids, "layer-0-backup": ["", ""]}
    )
    assert looked.status_code == 200
    assert "What changes" in looked.text
    assert "Ben → <b>Dan</b>" in looked.text
    assert re.search(r"0 → \d+ h", looked.text)
    assert stored().version == 1
    unchanged = press(mara, path, mara.get(path).text, "look")
    assert "Nobody’s hours change" in unchanged.text
