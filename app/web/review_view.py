"""How a review stands, and what it answered: on its own screen, in the postmortem and in its files."""

from dataclasses import dataclass

from markupsafe import Markup

from app.domain import retrospective as rules
from app.learning import evidence, meeting, retrospective
from app.learning.models import Postmortem, ReviewMeeting
from app.web.markdown import markdown
from app.web.sentences import when
from app.web.words import hour, moment, plain


@dataclass(frozen=True)
class Asked:
    """One of the six questions, with what the rows say to it and what people answered."""

    name: str
    title: str
    evidence: list[str]
    verdict: str
    verdict_word: str
    text: str
    facts: str
    seen: str


@dataclass(frozen=True)
class Found:
    """What a review found, for whoever reads the postmortem."""

    stands: str
    is_planned: bool
    notes: Markup
    decisions: Markup
    written: tuple[tuple[str, str], ...]  # notes and decisions as they were written
    answers: list[tuple[str, str, str]]


def asked(postmortem: Postmortem) -> list[Asked]:
    """The six questions in order."""
    given, said = retrospective.answers(postmortem), evidence.of(postmortem.incident)
    return [
        Asked(
            str(question), title, [plain(each) for each in said[question]],
            str(given[question].verdict) if question in given else "",
            rules.VERDICTS[given[question].verdict] if question in given else "",
            given[question].text if question in given else "",
            f"{plain(given[question].by.name)}, {when(given[question].at)}" if question in given else "",
            given[question].at.isoformat() if question in given else "",
        )
        for question, title in rules.QUESTIONS.items()
    ]  # fmt: skip


def in_words(planned: ReviewMeeting | None) -> str:
    """How the review stands, in a line."""
    if planned is None:
        return "No review is planned yet."
    came = [plain(each.user.name) for each in planned.attendees if each.came]
    if planned.held_at is not None:
        return f"Held {moment(planned.starts_at)}. There: {', '.join(came) or 'nobody'}."
    if planned.cancelled_at is not None:
        return f"Cancelled {moment(planned.cancelled_at)}."
    return f"Planned for {moment(planned.starts_at)} until {hour(planned.ends_at)}."


def found_by(postmortem: Postmortem) -> Found:
    planned, given = meeting.of(postmortem), retrospective.answers(postmortem)
    notes, decisions = (planned.notes, planned.decisions) if planned is not None else ("", "")
    return Found(
        in_words(planned), planned is not None and planned.cancelled_at is None and planned.held_at is None,
        markdown(notes), markdown(decisions), (("Decisions", decisions), ("Notes of the review", notes)),
        [
            (title, rules.VERDICTS[given[question].verdict], plain(given[question].text))
            for question, title in rules.QUESTIONS.items() if question in given
        ],
    )  # fmt: skip
