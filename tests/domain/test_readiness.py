"""What is still missing before an alert rings somewhere, in the sentences people read."""

from dataclasses import replace

import pytest

from app.domain.readiness import Fix, Level, PersonFacts, ServiceFacts, StepFacts, findings, is_ready

ADA = PersonFacts("Ada", rings=True, is_proven=True)
BEN = PersonFacts("Ben", rings=True, is_proven=True)
MARA = PersonFacts("Mara", rings=True, is_proven=True)
READY = ServiceFacts(
    name="Checkout",
    steps=(StepFacts((ADA,), ("Payments primary",)), StepFacts((BEN,))),
    last_resort=(MARA,),
    integrations=1,
    has_had_an_alert=True,
)


def says(facts: ServiceFacts) -> list[tuple[str, str]]:
    return [(finding.level, finding.sentence) for finding in findings(facts)]


def test_a_service_that_lacks_nothing_is_proven_by_who_would_be_paged() -> None:
    assert says(READY) == [("proven", "Checkout would page Ada now.")]
    assert is_ready(findings(READY))


@pytest.mark.parametrize(
    ("steps", "sentence"),
    [
        (None, "Nobody would be paged for Checkout: no escalation policy. Only Mara would be, as last resort."),
        ((), "Nobody would be paged for Checkout: no schedule. Only Mara would be, as last resort."),
        (
            (StepFacts((), tells=True),),
            "Nobody would be paged for Checkout: its policy only tells a room. "
            "Then Mara would be, as last resort.",
        ),
        (
            (StepFacts((), ("Payments primary",)), StepFacts((), ("Payments backup",))),
            "Nobody would be paged for Checkout: nobody is on call now in Payments primary or Payments backup. "
            "Then Mara would be, as last resort.",
        ),
    ],
)
def test_nobody_who_would_be_paged_is_an_error_that_says_why(
    steps: tuple[StepFacts, ...] | None, sentence: str
) -> None:
    facts = replace(READY, steps=steps)
    assert says(facts)[0] == ("error", sentence)
    assert not is_ready(findings(facts))


def test_a_last_resort_without_a_device_is_worth_nothing_and_it_says_so() -> None:
    mute = PersonFacts("Mara", rings=False, is_proven=False)
    assert (
        "Mara, the last resort, has no device either."
        in says(replace(READY, steps=None, last_resort=(mute,)))[0][1]
    )
    assert "There is no last resort either." in says(replace(READY, steps=None, last_resort=()))[0][1]


def test_a_person_without_a_device_is_an_error_when_nobody_else_is_asked_first() -> None:
    mute = PersonFacts("Ada", rings=False, is_proven=False)
    first = findings(replace(READY, steps=(StepFacts((mute,)), StepFacts((BEN,)))))[0]
    assert (first.level, first.sentence, first.fix) == (
        Level.ERROR, "Nothing would ring for Checkout: Ada has no device.", Fix.DEVICE,
    )  # fmt: skip
    beside = says(replace(READY, steps=(StepFacts((mute, BEN)), StepFacts((MARA,)))))
    assert beside == [("warning", "Ada has no device."), ("proven", "Checkout would page Ada and Ben now.")]


def test_what_is_thin_is_a_warning() -> None:
    unproven = replace(ADA, is_proven=False)
    facts = replace(READY, steps=(StepFacts((unproven,)),), has_had_an_alert=False, has_owner=False)
    assert says(facts) == [
        ("warning", "Nobody knows whether a page rings at Ada's: no test page or drill answered lately."),
        ("warning", "Only Ada would be asked for Checkout. Then Mara would be, as last resort."),
        ("warning", "No alert has reached Checkout yet."),
        ("warning", "Nobody in particular looks after Checkout."),
        ("proven", "Checkout would page Ada now."),
    ]


def test_no_way_in_is_an_error() -> None:
    assert says(replace(READY, integrations=0)) == [("error", "No alert can reach Checkout: no integration.")]


def test_a_last_resort_who_was_asked_already_is_nobody_new() -> None:
    facts = replace(READY, steps=(StepFacts((ADA,)),), last_resort=(ADA,))
    assert says(facts)[0] == ("warning", "Only Ada would be asked for Checkout, and nobody after.")
