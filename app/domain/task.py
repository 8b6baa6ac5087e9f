"""What somebody is to do inside an incident, and what of it is left when the incident closes."""

from collections.abc import Sequence

from app.domain.lifecycle import InvalidTransition

LONGEST = 500  # characters: a task is a sentence
NAMED = 5  # of the open ones a refusal names so many


class OpenTasks(InvalidTransition):
    """Somebody would close an incident that has open tasks, without saying that they stay."""

    def __init__(self, texts: Sequence[str]) -> None:
        more = f" and {len(texts) - NAMED} more" if len(texts) > NAMED else ""
        count = "1 task is" if len(texts) == 1 else f"{len(texts)} tasks are"
        named = "; ".join(texts[:NAMED])
        super().__init__(
            f"{count} still open: {named}{more}. Do them, or close it and keep them as follow-ups."
        )
