"""The rarer forms of swaps: parts offered and taken, a reason against findings, on behalf, the rules."""

import re

import pytest
import sqlalchemy as sa
from apiflask import APIFlask
from flask.testing import FlaskClient

from app.database import db, transaction
from app.domain.words import OfferState, SwapMode
from app.oncall import time_off
from app.oncall.models import Swap, SwapOffer, SwapRules
from app.oncall.swap_answer import accept
from app.people.models import User
from tests.support.browser_forms import post, sign_in
from tests.support.clock import TestClock
from tests.support.oncall import utc
from tests.support.rota import NIGHT_END, NIGHT_START, Rota

PART = {"start": "2026-10-31T18:00", "end": "2026-10-31T22:00", "note": "Until ten."}  # Chicago


@pytest.fixture
def rota(app: APIFlask, clock: TestClock) -> Rota:
    return Rota(clock)


def browser(app: APIFlask, user: User) -> FlaskClient:
    client = app.test_client()
    sign_in(client, user)
    return client


def test_R24_a_part_is_offered_and_taken_by_forms_and_the_rest_stays_open(app: APIFlask, rota: Rota) -> None:
    page = f"/swaps/{rota.ask().id}"
    ana, bo, cy = (browser(app, user) for user in (rota.ana, rota.bo, rota.cy))
    assert "Offer to take a part" in bo.get(page).text
    assert "Offer to take a part" not in ana.get(page).text
    assert post(bo, f"{page}/offer", PART, page=page).status_code == 303
    assert "Withdraw" in bo.get(page).text
    assert "Take it" not in cy.get(page).text
    assert post(cy, f"{page}/offer/1/acceptance", {}, page=page).status_code == 403
    assert post(cy, f"{page}/offer/1/removal", {}, page=page).status_code == 403
    assert "“Until ten.”" in ana.get(page).text
    assert post(ana, f"{page}/offer/1/acceptance", {}, page=page).status_code == 303
    assert rota.on_call(NIGHT_START) == "Bo"
    assert rota.on_call(utc("2026-11-01 03:00")) == "Ana"
    post(ana, f"{page}/offer/1/acceptance", {}, page=page)  # a second click
    assert "This offer stands no longer." in ana.get(page).text
    assert "Sat 31 Oct, 22:00 CDT" in cy.get(page).text


def test_R24_an_offer_is_withdrawn_and_one_that_makes_no_sense_is_said(app: APIFlask, rota: Rota) -> None:
    page = f"/swaps/{rota.ask().id}"
    bo = browser(app, rota.bo)
    for wrong, says in (
        (PART | {"start": "then"}, "Say from when to when."),
        (PART | {"start": "2026-10-31T12:00"}, "must lie within the hours that are asked for"),
        (PART | {"end": PART["start"]}, "must be at least a minute after the start"),
    ):
        post(bo, f"{page}/offer", wrong, page=page)
        assert says in bo.get(page).text
    post(bo, f"{page}/offer", PART, page=page)
    post(bo, f"{page}/offer/1/removal", {}, page=page)
    assert db.session.get_one(SwapOffer, 1).state is OfferState.WITHDRAWN
    assert "Offers of a part" not in bo.get(page).text
    assert post(bo, f"{page}/offer/9/removal", {}, page=page).status_code == 404


def test_R19_approving_against_what_stands_in_the_way_needs_a_reason(app: APIFlask, rota: Rota) -> None:
    rota.rule(needs_approval=True)
    asked = rota.ask()
    rota.do(accept, asked, rota.bo)
    with transaction():
        time_off.add(user_id=rota.bo.id, start=NIGHT_START, end=NIGHT_END, by=rota.bo, at=rota.clock())
    mara, page = browser(app, rota.mara), f"/swaps/{asked.id}"
    assert "Against it" in mara.get(page).text
    assert "Bo is on time off" in mara.get(page).text
    post(mara, f"{page}/approval", {"reason": " "}, page=page)
    assert rota.events(asked)[-1][0] == "accepted"
    post(mara, f"{page}/approval", {"reason": "Bo comes back for it."}, page=page)
    assert rota.events(asked)[-1][0] == "approved"
    assert "Bo comes back for it." in mara.get(page).text


def test_R27_a_manager_asks_on_somebodys_behalf_and_nobody_else_does(app: APIFlask, rota: Rota) -> None:
    hours = {"start": NIGHT_START.isoformat(), "end": NIGHT_END.isoformat()}
    mara, bo = browser(app, rota.mara), browser(app, rota.bo)
    ask = f"/swaps/new?owner={rota.ana.id}&schedule={rota.schedule.id}"
    assert "On behalf of <b>Ana</b>" in mara.get(ask).text
    assert bo.get(ask).status_code == 403
    assert mara.get("/swaps/new?owner=999").status_code == 404
    fields = {"schedule_id": rota.schedule.id, "owner_id": rota.ana.id, **hours}
    assert post(bo, "/swaps", fields, page="/me").status_code == 403
    answer = post(mara, "/swaps", fields, page="/me")
    assert answer.status_code == 303
    page = browser(app, rota.ana).get(answer.location).text
    assert "I keep these hours" in page
    assert "Ana → whoever accepts" in page


def test_R20_what_a_schedule_asks_of_swaps_is_changed_by_a_form(app: APIFlask, rota: Rota) -> None:
    page, mara = f"/schedules/{rota.schedule.id}/swap-rules", browser(app, rota.mara)
    assert f'href="{page}"' in mara.get(f"/schedules/{rota.schedule.id}").text
    fields = {"needs_approval": "yes", "rest_hours": "8", "auto_hours_ahead": "48", "eligible": rota.dan.id}
    assert post(mara, page, fields, page=page).status_code == 303
    rules = db.session.get_one(SwapRules, rota.schedule.id)
    assert (rules.needs_approval, rules.rest_hours, rules.auto_hours_ahead) == (True, 8, 48)
    assert (rules.eligible, rules.auto_rest_kept) == ([rota.dan.id], False)
    assert 'value="48"' in mara.get(page).text
    assert "Somebody approves what two have agreed on." in browser(app, rota.bo).get(page).text


@pytest.mark.parametrize(
    "changes", [{"rest_hours": "25"}, {"rest_hours": "much"}, {"auto_hours_ahead": "-1"}, {"eligible": "999"}]
)
def test_rules_that_make_no_sense_are_kept_on_the_form_only(
    app: APIFlask, rota: Rota, changes: dict[str, str]
) -> None:
    page, mara = f"/schedules/{rota.schedule.id}/swap-rules", browser(app, rota.mara)
    answer = post(mara, page, {"rest_hours": "8"} | changes, page=page)
    assert answer.status_code == 422
    assert "to put right" in answer.text
    assert db.session.get(SwapRules, rota.schedule.id) is None


def test_only_who_edits_rotations_changes_the_rules(app: APIFlask, rota: Rota) -> None:
    page = f"/schedules/{rota.schedule.id}/swap-rules"
    assert post(browser(app, rota.bo), page, {"rest_hours": "0"}, page="/me").status_code == 403
    assert browser(app, rota.bo).get("/schedules/99/swap-rules").status_code == 404
    assert db.session.get(SwapRules, rota.schedule.id) is None


BACK = {"return_start": "2026-11-04T09:00", "return_end": "2026-11-05T09:00"}  # Bo's week, Chicago


def test_R18_an_exchange_is_asked_by_form_and_both_legs_count_at_once(app: APIFlask, rota: Rota) -> None:
    hours = {"start": NIGHT_START.isoformat(), "end": NIGHT_END.isoformat()}
    fields = {"schedule_id": rota.schedule.id, "to": rota.bo.id, **hours, **BACK}
    answer = post(browser(app, rota.ana), "/swaps", fields, page="/swaps/new")
    assert answer.status_code == 303
    bo = browser(app, rota.bo)
    assert "In return: Wed 4 Nov, 09:00 CST" in bo.get(answer.location).text
    assert "Offer to take a part" not in bo.get(answer.location).text
    post(bo, f"{answer.location}/acceptance", {}, page="/me")
    assert (rota.on_call(NIGHT_START), rota.on_call(utc("2026-11-04 18:00"))) == ("Bo", "Ana")


def test_R18_an_exchange_is_asked_by_choosing_one_of_their_turns(app: APIFlask, rota: Rota) -> None:
    hours = {"start": NIGHT_START.isoformat(), "end": NIGHT_END.isoformat()}
    ana = browser(app, rota.ana)
    night = f"start={NIGHT_START:%Y-%m-%dT%H:%M}Z&end={NIGHT_END:%Y-%m-%dT%H:%M}Z"
    asking = f"/swaps/new?schedule={rota.schedule.id}&{night}"
    offered = re.findall(r'name="in_return" value="([^"]+)"', ana.get(asking).text)
    # the same night by the clock, in a week of Bo's, after clocks have gone back
    same = f"{rota.bo.id} 2026-11-08T00:00:00+00:00 2026-11-08T14:00:00+00:00"
    assert same in offered
    assert {each.split(" ")[0] for each in offered} == {str(rota.bo.id), str(rota.cy.id)}
    fields = {"schedule_id": rota.schedule.id, "to": rota.cy.id, **hours, "in_return": same}
    answer = post(ana, "/swaps", fields, page=asking)
    assert answer.status_code == 303
    row = db.session.scalars(sa.select(Swap)).one()
    assert (row.mode, row.asked, row.return_start) == (SwapMode.EXCHANGE, [rota.bo.id], utc("2026-11-08 00:00"))
    for nonsense in ("x", f"{rota.bo.id} then", "999 2026-11-08T00:00Z 2026-11-08T14:00Z"):
        assert post(ana, "/swaps", fields | {"in_return": nonsense}, page=asking).status_code == 422


def test_R19_who_approves_makes_an_exception_by_form_and_the_person_still_has_to_accept(
    app: APIFlask, rota: Rota
) -> None:
    with transaction():
        time_off.add(user_id=rota.bo.id, start=NIGHT_START, end=NIGHT_END, by=rota.bo, at=rota.clock())
    page = f"/swaps/{rota.ask().id}"
    mara, bo = browser(app, rota.mara), browser(app, rota.bo)
    assert "Make an exception" in mara.get(page).text
    assert "Make an exception" not in bo.get(page).text
    let = {"user_id": rota.bo.id, "reason": "Back from leave for it."}
    assert post(bo, f"{page}/exemption", let, page=page).status_code == 403
    assert post(mara, f"{page}/exemption", let | {"user_id": 999}, page=page).status_code == 404
    post(mara, f"{page}/exemption", let | {"reason": " "}, page=page)
    assert "say why this is all right" in mara.get(page).text
    post(mara, f"{page}/exemption", let, page=page)
    assert rota.on_call(NIGHT_START) == "Ana"
    post(bo, f"{page}/acceptance", {}, page=page)
    assert db.session.scalars(sa.select(Swap.taker_id)).one() == rota.bo.id


def test_R20_an_inbox_says_what_each_does_and_approves_what_nothing_stands_against_at_once(
    app: APIFlask, rota: Rota
) -> None:
    rota.rule(needs_approval=True)
    first, second, third = (
        rota.ask(start=utc(f"2026-10-{day} 14:00"), end=utc(f"2026-10-{day} 20:00")) for day in (29, 30, 31)
    )
    for asked, taker in ((first, rota.bo), (second, rota.cy), (third, rota.cy)):
        rota.do(accept, asked, taker)
    with transaction():
        time_off.add(
            user_id=rota.cy.id, start=utc("2026-10-31 14:00"), end=utc("2026-10-31 20:00"), by=rota.cy,
            at=rota.clock(),
        )  # fmt: skip
    mara = browser(app, rota.mara)
    inbox = mara.get("/swaps").text
    assert "Approve the 2 that nothing stands against" in inbox
    assert re.search(r"Ana \d+ → \d+ h weighted · Bo \d+ → \d+ h weighted", inbox)
    assert "Cy is on time off" in inbox
    everything = {"swap": [first.id, second.id, third.id, 99]}
    post(browser(app, rota.bo), "/swaps/approval", everything, page="/me")
    assert db.session.scalars(sa.select(Swap.approved_by_id)).all() == [None, None, None]
    post(mara, "/swaps/approval", everything, page="/swaps")
    assert "2 approved." in mara.get("/swaps").text
    assert db.session.scalars(sa.select(Swap.approved_by_id).order_by(Swap.id)).all() == [
        rota.mara.id, rota.mara.id, None,
    ]  # fmt: skip
    post(mara, f"/swaps/{third.id}/rejection", {"reason": "Rest first.", "back": "inbox"}, page="/swaps")
    assert "Declined. Both are told." in mara.get("/swaps").text


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"to": []}, "name the one person you ask"),
        ({"return_end": ""}, "Say from when to when you take hours in return."),
        ({"return_end": BACK["return_start"]}, "at least a minute after"),
        ({"return_start": "2026-11-01T00:00", "return_end": "2026-11-01T04:00"}, "nothing to cover"),
    ],
)
def test_R18_half_an_exchange_is_said_and_kept(
    app: APIFlask, rota: Rota, changes: dict[str, object], says: str
) -> None:
    hours = {"start": NIGHT_START.isoformat(), "end": NIGHT_END.isoformat()}
    fields = {"schedule_id": rota.schedule.id, "to": rota.bo.id, **hours, **BACK, **changes}
    answer = post(browser(app, rota.ana), "/swaps", fields, page="/swaps/new")
    assert answer.status_code == 422
    assert says in answer.text
    assert f'value="{fields["return_start"]}"' in answer.text
