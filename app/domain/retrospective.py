"""The six questions of a review (S-69 to S-74)."""

from collections.abc import Mapping

from app.domain.words import Question, Verdict

QUESTIONS: Mapping[Question, str] = {
    Question.SPEED: "Was the response speedy?",
    Question.PEOPLE: "Were the right people there at the right time?",
    Question.ALERTS: "Were the alerts accurate?",
    Question.THRESHOLDS: "Should thresholds be more sensitive?",
    Question.INSTRUMENTATION: "Do some systems need more instrumentation?",
    Question.COMMUNICATION: "Was communication timely and clear?",
}
VERDICTS: Mapping[Verdict, str] = {Verdict.YES: "Yes", Verdict.PARTLY: "Partly", Verdict.NO: "No"}
LONGEST = 4000  # characters of an answer
