"""A test page climbs a ladder; what each height means is said in words, and only a tap is a proof."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from app.domain.device_test import Test, from_proof, is_proven, proof_in_words, standing, verdict
from tests.support.clock import THU_0310

ASKED = Test(asked_at=THU_0310)


def at(seconds: float) -> datetime:
    return THU_0310 + timedelta(seconds=seconds)


def ladder(test: Test, seconds: float) -> list[tuple[str, str]]:
    return [(rung.state, rung.time) for rung in verdict(test, now=at(seconds)).rungs]


SENT = replace(ASKED, sent_at=at(0))
ACCEPTED = replace(SENT, accepted_at=at(0.2))
SHOWN = replace(ACCEPTED, shown_at=at(1.9))
TAPPED = replace(SHOWN, tapped_at=at(4.1))


def test_a_test_that_was_tapped_says_so_with_its_seconds() -> None:
    answer = verdict(TAPPED, now=at(5))
    assert (answer.mood, answer.title, answer.is_running) == ("ok", "Yes, it rang", False)
    assert answer.sentence == "Yes, it rang: shown after 1.9 s, you tapped after 4.1 s."
    assert ladder(TAPPED, 5) == [("done", "0 s"), ("done", "0.2 s"), ("done", "1.9 s"), ("done", "4.1 s")]


@pytest.mark.parametrize(
    ("test", "sentence"),
    [
        (ASKED, "On its way to the push service."),
        (SENT, "On its way to the push service."),
        (ACCEPTED, "The push service took it. Your device should ring any moment."),
        (SHOWN, "It is shown. Tap it."),
    ],
)
def test_while_a_step_may_still_come_it_listens(test: Test, sentence: str) -> None:
    answer = verdict(test, now=at(59))
    assert (answer.mood, answer.is_running, answer.sentence) == ("", True, sentence)


@pytest.mark.parametrize(
    ("test", "mood", "words"),
    [
        (ASKED, "danger", "The engine, which sends pages, does not seem to be running"),
        (SENT, "danger", "has not answered yet"),
        (
            ACCEPTED,
            "danger",
            "The push service took it; the phone did not show it. Check Focus or Do Not Disturb.",
        ),
        (SHOWN, "warn", "Tap it to prove"),
    ],
)
def test_after_sixty_seconds_it_says_how_far_it_came_and_never_more(test: Test, mood: str, words: str) -> None:
    answer = verdict(test, now=at(60))
    assert (answer.mood, answer.is_running) == (mood, False)
    assert words in answer.sentence


def test_a_failure_is_told_at_once_with_its_reason() -> None:
    answer = verdict(replace(SENT, error="this device is no longer registered"), now=at(1))
    assert answer.sentence == "It did not ring: this device is no longer registered."
    assert [rung.state for rung in answer.rungs] == ["done", "failed", "", ""]


def test_a_later_step_proves_an_earlier_one_whose_report_was_lost() -> None:
    assert [state for state, _ in ladder(replace(SENT, tapped_at=at(4)), 5)] == ["done"] * 4


def test_a_proof_lasts_thirty_days() -> None:
    assert standing(None, None, now=THU_0310).title == "Nobody knows yet"
    proof = {"accepted": 0.2, "shown": 1.9, "tapped": 4.1}
    fresh = standing(THU_0310, proof, now=THU_0310 + timedelta(days=29))
    assert (fresh.mood, fresh.sentence) == ("ok", "Yes, it rang: shown after 1.9 s, you tapped after 4.1 s.")
    assert standing(THU_0310, proof, now=THU_0310 + timedelta(minutes=5)).title == "Yes, it just rang"
    old = standing(THU_0310, proof, now=THU_0310 + timedelta(days=41))
    assert (old.mood, old.title) == ("warn", "Not proven for 41 days")
    assert proof_in_words(THU_0310, now=THU_0310 + timedelta(days=41)) == "Not proven for 41 days"
    assert proof_in_words(None, now=THU_0310) == "Never proven"
    assert proof_in_words(THU_0310, now=THU_0310) is None
    assert not is_proven(THU_0310, now=THU_0310 + timedelta(days=30))


def test_the_kept_proof_draws_the_same_ladder() -> None:
    assert [rung.time for rung in from_proof({"accepted": 0.2, "tapped": 4.0})] == ["0 s", "0.2 s", "…", "4 s"]
