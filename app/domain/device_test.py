"""What a test page proved about a device: how far it came, when, and what that means in words."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

PATIENCE = timedelta(seconds=60)
PROVEN_FOR = timedelta(days=30)  # a test older than this proves little

Mood = Literal["ok", "warn", "danger", ""]


@dataclass(frozen=True)
class Rung:
    """One step of the ladder, with the seconds from asking until it came; None while it has not."""

    word: str
    seconds: float | None
    state: Literal["done", "failed", ""]

    @property
    def time(self) -> str:
        if self.seconds is None:
            return "no" if self.state == "failed" else "…"
        return f"{self.seconds:.1f} s".replace(".0 s", " s")


@dataclass(frozen=True)
class Verdict:
    mood: Mood
    title: str
    sentence: str
    rungs: tuple[Rung, ...]
    is_running: bool  # whether a further step may still come


@dataclass(frozen=True)
class Test:
    """The moments of one test page on one device; None where it has not come so far."""

    __test__ = False

    asked_at: datetime
    sent_at: datetime | None = None
    accepted_at: datetime | None = None
    shown_at: datetime | None = None
    tapped_at: datetime | None = None
    error: str | None = None

    def seconds(self, moment: datetime | None) -> float | None:
        return None if moment is None else max(round((moment - self.asked_at).total_seconds(), 1), 0.0)


def verdict(test: Test, *, now: datetime) -> Verdict:
    """What this test says so far. Only a tap proves the device; "accepted" is not "shown" (decision 11)."""
    running = now - test.asked_at < PATIENCE
    shown, tapped = test.seconds(test.shown_at), test.seconds(test.tapped_at)
    if tapped is not None:
        after = (
            f"shown after {shown:g} s, you tapped after {tapped:g} s"
            if shown
            else f"you tapped after {tapped:g} s"
        )
        return Verdict("ok", "Yes, it rang", f"Yes, it rang: {after}.", _rungs(test, failed=False), False)
    if test.error is not None and test.shown_at is None:
        return Verdict(
            "danger", "No, it did not ring", f"It did not ring: {test.error}.", _rungs(test, True), False
        )
    if running:
        return Verdict("", "Listening", _waits_for(test), _rungs(test, failed=False), True)
    if shown is not None:
        return Verdict(
            "warn", "It was shown, and not tapped",
            f"Shown after {shown:g} s. Tap it to prove that you can hear it.",
            _rungs(test, failed=False), False,
        )  # fmt: skip
    return Verdict("danger", "No, it did not ring", _why_silent(test), _rungs(test, failed=True), False)


def standing(verified_at: datetime | None, proof: Mapping[str, object] | None, *, now: datetime) -> Verdict:
    """What is known without a test under way: the last one that worked, and how old it is."""
    rungs = from_proof(proof) if verified_at is not None else ()
    if verified_at is None:
        return Verdict(
            "warn", "Nobody knows yet", "Send it a test page: only a tap proves that it rings.", (), False
        )
    if not is_proven(verified_at, now=now):
        days = (now - verified_at).days
        return Verdict("warn", f"Not proven for {days} days", "Send it another test page.", rungs, False)
    just = "Yes, it just rang" if now - verified_at < timedelta(hours=1) else "Yes, it rang"
    seconds = {name: float(str(value)) for name, value in (proof or {}).items()}
    shown, tapped = seconds.get("shown"), seconds.get("tapped")
    told = [f"shown after {shown:g} s"] * (shown is not None) + [f"you tapped after {tapped:g} s"] * (
        tapped is not None
    )
    return Verdict("ok", just, f"Yes, it rang: {', '.join(told)}." if told else "Yes, it rang.", rungs, False)


def is_proven(verified_at: datetime | None, *, now: datetime) -> bool:
    """Whether the device has proved within the last 30 days that it rings."""
    return verified_at is not None and now - verified_at < PROVEN_FOR


def proof_in_words(verified_at: datetime | None, *, now: datetime) -> str | None:
    """ "Not proven for 41 days", "Never proven"; None while the proof is fresh."""
    if verified_at is None:
        return "Never proven"
    return None if is_proven(verified_at, now=now) else f"Not proven for {(now - verified_at).days} days"


def from_proof(proof: Mapping[str, object] | None) -> tuple[Rung, ...]:
    """The ladder of the last test that worked, from the seconds its row keeps."""
    kept = {name: float(str(seconds)) for name, seconds in (proof or {}).items()}
    words = (("sent", 0.0), ("accepted", kept.get("accepted")), ("shown", kept.get("shown")),
             ("you tapped", kept.get("tapped")))  # fmt: skip
    return tuple(Rung(word, seconds, "" if seconds is None else "done") for word, seconds in words)


def _rungs(test: Test, failed: bool) -> tuple[Rung, ...]:
    """The four steps; of a failed test, the first one that did not come is the one that failed."""
    steps = (("sent", test.sent_at), ("accepted", test.accepted_at), ("shown", test.shown_at),
             ("you tapped", test.tapped_at))  # fmt: skip
    last = max((i for i, (_, moment) in enumerate(steps) if moment is not None), default=-1)
    rungs = []
    for i, (word, moment) in enumerate(steps):
        if i <= last:  # a later step proves an earlier one, even where its report was lost
            rungs.append(Rung(word, test.seconds(moment), "done"))
        else:
            rungs.append(Rung(word, None, "failed" if failed and i == last + 1 else ""))
    return tuple(rungs)


def _waits_for(test: Test) -> str:
    if test.shown_at is not None:
        return "It is shown. Tap it."
    if test.accepted_at is not None:
        return "The push service took it. Your device should ring any moment."
    return "On its way to the push service."


def _why_silent(test: Test) -> str:
    if test.accepted_at is not None:
        return (
            "It did not ring in 60 s. The push service took it; the phone did not show it. "
            "Check Focus or Do Not Disturb."
        )
    if test.sent_at is not None:
        return "It did not ring in 60 s. The push service has not answered yet; it is tried again."
    return "It was not sent in 60 s. The engine, which sends pages, does not seem to be running."
