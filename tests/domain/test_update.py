"""The seven fields of an update, and two that were written at once."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from app.domain.update import Facts, Fields, differ, merged, next_due, prefilled
from app.domain.words import IncidentSeverity, IncidentStatus

FACTS = Facts(
    title="Card payments fail", impact="1 in 7 declined, EU only", services=["checkout-api", "ledger-db"],
    since="Thu 12 Nov, 03:10 GMT, 47 min", severity=IncidentSeverity.SEV1, told_severity=None,
    status=IncidentStatus.IN_PROGRESS, round=2, tried=["Restart one zone helped: 14 % to 12 %"],
    next=["Roll back"], commander="Cleo", others=["Ada", "Ben"],
)  # fmt: skip


def test_S49_to_S55_all_seven_fields_fill_themselves() -> None:
    assert prefilled(FACTS) == Fields(
        issue="Card payments fail. 1 in 7 declined, EU only.",  # S-49
        service="checkout-api, ledger-db",  # S-50
        since="Thu 12 Nov, 03:10 GMT, 47 min",  # S-51
        severity="SEV1",  # S-52
        how_far="Containing, round 2",  # S-53
        steps="Restart one zone helped: 14 % to 12 %.\nNext: Roll back.",  # S-54
        who="Cleo leads, with Ada, Ben",  # S-55
    )


def test_S47_what_is_not_known_is_said_and_the_severitys_template_opens() -> None:
    bare = replace(FACTS, impact="", services=[], tried=[], next=[], commander=None, others=[])
    said = prefilled(bare)
    assert said.issue == "Card payments fail. Most people cannot use it."
    assert (said.service, said.steps, said.who) == ("not known yet", "Nothing tried yet.", "Nobody leads yet")


def test_S52_the_severity_says_whether_it_has_changed() -> None:
    assert prefilled(replace(FACTS, told_severity=IncidentSeverity.SEV1)).severity == "SEV1, unchanged"
    assert prefilled(replace(FACTS, told_severity=IncidentSeverity.SEV2)).severity == "SEV1, was SEV2"


def test_S47_the_next_word_is_promised_by_severity() -> None:
    at = datetime(2026, 11, 12, 3, 40, tzinfo=UTC)
    assert next_due(IncidentSeverity.SEV1, at) == at + timedelta(minutes=30)
    assert next_due(IncidentSeverity.SEV5, at) is None


def test_two_texts_put_together_lose_no_line() -> None:
    mine = replace(prefilled(FACTS), steps="Restarted a zone.\nRolled back.")
    theirs = replace(prefilled(FACTS), steps="Restarted a zone.\nCalled the provider.", who="Cleo leads")
    assert differ(mine, theirs) == ["steps", "who"]
    both = merged(mine, theirs)
    assert both.steps == "Restarted a zone.\nCalled the provider.\nRolled back."
    assert both.who == mine.who
