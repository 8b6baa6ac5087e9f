"""Reasons in words and as facts."""

import pytest

from app.domain import zone
from app.domain.layer import Layer
from app.domain.reason import OnCallRole, Reason, Why
from app.domain.rotation import Unit
from app.domain.schedule import resolve
from tests.support.oncall import ANA, BO, CY, override, rotation, schedule, utc

NAMES = {ANA: "Ada", BO: "Ben", CY: "Cleo"}
LONDON = zone.named("Europe/London")
FROM, TO = utc("2026-11-02 09:00"), utc("2026-11-09 09:00")


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        (
            Reason(Why.TURN, ANA, FROM, TO, "base", "weekly", OnCallRole.PRIMARY),
            "Payments primary: weekly, Ada’s turn until Mon 9 Nov, 09:00 GMT",
        ),
        (
            Reason(Why.TURN, ANA, FROM, TO, "base", "every 2 weeks", OnCallRole.BACKUP),
            "Payments primary: every 2 weeks, Ada’s turn as backup until Mon 9 Nov, 09:00 GMT",
        ),
        (
            Reason(Why.HOURS, ANA, FROM, TO, "base"),
            "Payments primary: these hours are covered until Mon 9 Nov, 09:00 GMT",
        ),
        (
            Reason(Why.ADDED, ANA, FROM, TO),
            "Payments primary: Ada is on call as well until Mon 9 Nov, 09:00 GMT",
        ),
        (
            Reason(Why.COVER, BO, FROM, TO, other_user_id=ANA),
            "Payments primary: Ben covers for Ada until Mon 9 Nov, 09:00 GMT",
        ),
        (
            Reason(Why.CUT, BO, FROM, TO, other_user_id=CY),
            "Payments primary: Ben would cover, but Cleo took over later",
        ),
        (
            Reason(Why.REMOVED, ANA, FROM, TO),
            "Payments primary: Ada is taken off call until Mon 9 Nov, 09:00 GMT",
        ),
        (Reason(Why.AWAY, ANA, FROM, TO), "Ada is on time off until Mon 9 Nov, 09:00 GMT"),
        (Reason(Why.ONLOOKER, ANA), "Ada only looks on and answers no alerts"),
        (Reason(Why.INACTIVE, ANA), "Ada’s account is switched off"),
        (Reason(Why.INACTIVE, 77), "somebody no longer here’s account is switched off"),
    ],
)
def test_every_kind_of_reason_has_words(reason: Reason, words: str) -> None:
    assert reason.words(schedule="Payments primary", zone=LONDON, names=NAMES) == words


def test_of_several_layers_the_one_that_answers_is_named() -> None:
    reason = Reason(Why.TURN, ANA, FROM, TO, "Nights", "weekly", OnCallRole.PRIMARY)
    words = reason.words(schedule="Payments primary", zone=LONDON, names=NAMES, one_of_many=True)
    assert words == "Payments primary, Nights: weekly, Ada’s turn until Mon 9 Nov, 09:00 GMT"


def test_the_chain_reads_from_the_layer_to_who_has_it() -> None:
    daily = Layer("daily", 0, rotation("2026-11-02 09:00", ANA, unit=Unit.DAY))
    config = schedule(
        daily, zone="Europe/London", overrides=(override(1, "2026-11-08 20:00", "2026-11-09 08:00", BO, ANA),)
    )
    [person] = resolve(config, utc("2026-11-08 22:00"))
    assert [each.words(schedule=config.name, zone=LONDON, names=NAMES) for each in person.reasons] == [
        "Payments primary: daily, Ada’s turn until Mon 9 Nov, 09:00 GMT",
        "Payments primary: Ben covers for Ada until Mon 9 Nov, 08:00 GMT",
    ]


def test_as_facts_a_reason_names_only_what_applies() -> None:
    assert Reason(Why.COVER, BO, FROM, TO, override_id=7, other_user_id=ANA).to_json() == {
        "kind": "cover",
        "user_id": "2",
        "start": "2026-11-02T09:00:00+00:00",
        "end": "2026-11-09T09:00:00+00:00",
        "override_id": "7",
        "other_user_id": "1",
    }
    assert Reason(Why.INACTIVE, ANA).to_json() == {"kind": "inactive", "user_id": "1"}
