"""Diagnose, recommend, decide, try: the rules of one round, and who may say yes (S-36, S-38, S-40 to S-46)."""

from collections.abc import Mapping
from dataclasses import dataclass

from app.domain.lifecycle import InvalidTransition
from app.domain.phrase import counted
from app.domain.words import OptionState as O

OPTION_MOVES: Mapping[tuple[O, str], O] = {
    (O.PROPOSED, "approve"): O.APPROVED,
    (O.PROPOSED, "decline"): O.DECLINED,
    (O.PROPOSED, "withdraw"): O.WITHDRAWN,
    (O.PROPOSED, "begin without approval"): O.DOING,  # only with a reason, which the timeline keeps
    (O.APPROVED, "begin"): O.DOING,
    (O.APPROVED, "decline"): O.DECLINED,
    (O.APPROVED, "withdraw"): O.WITHDRAWN,
    (O.DOING, "finish"): O.DONE,
}
_IN_WORDS = {
    O.PROPOSED: "not decided yet", O.APPROVED: "approved", O.DECLINED: "declined", O.WITHDRAWN: "withdrawn",
    O.DOING: "being done", O.DONE: "done",
}  # fmt: skip


class NotTheCommander(InvalidTransition):
    """Only the commander decides; the sentence says who that is."""


def option_after(state: O, move: str) -> O:
    """The option's state after `move`. Raises InvalidTransition when the state does not allow it."""
    if (state, move) not in OPTION_MOVES:
        raise InvalidTransition(f"This option is {_IN_WORDS[state]}, so you cannot {move} it.")
    return OPTION_MOVES[state, move]


def must_command(commander: tuple[int, str] | None, user_id: int) -> None:
    """Raises NotTheCommander unless the person commands. `commander` is an id and a name; None is nobody."""
    if commander is None:
        raise NotTheCommander("Nobody leads yet. Take command, then decide.")
    if commander[0] != user_id:
        raise NotTheCommander(f"{commander[1]} decides. Ask them, or say why it cannot wait.")


@dataclass(frozen=True)
class Standing:
    """Where a round is: how much was seen, and how many options wait, are approved, are being done."""

    symptoms: int
    waiting: int
    approved: int
    doing: int
    is_update_due: bool = False


def next_step(at: Standing) -> str:
    """What the commander does next, in words; empty when there is nothing but to wait."""
    if at.doing:
        return "Record how it went"
    if at.approved:
        return "Start what was approved"
    if at.waiting:
        return f"Decide on {counted(at.waiting, 'option')}"
    if at.is_update_due:
        return "Update due"
    return "Collect ways to fix it" if at.symptoms else "Collect what people see"
