"""Who could take hours, fairest first (D9)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median

from app.domain.swap_checks import Finding


@dataclass(frozen=True, slots=True)
class Balance:
    """Weighted hours on call in the weeks around, before the swap and after it."""

    before: float
    after: float


@dataclass(frozen=True, slots=True)
class Candidate:
    """One person who might take the hours. `cannot` names all that is against it, `warned` what to know."""

    user_id: int
    name: str
    balance: Balance
    cannot: tuple[Finding, ...]
    warned: tuple[Finding, ...]
    proven_at: datetime | None

    @property
    def can(self) -> bool:
        return not self.cannot


def ranked(candidates: Sequence[Candidate]) -> tuple[Candidate, ...]:
    """Those who can first, the ones with nothing to warn of before the others, each by the lower balance."""
    return tuple(
        sorted(candidates, key=lambda each: (not each.can, bool(each.warned), each.balance.after, each.name))
    )


def middle(balances: Sequence[float]) -> float:
    """The team's median; 0 for nobody."""
    return median(balances) if balances else 0.0
