"""What an organisation allows at its door."""

from dataclasses import dataclass

from app.domain.words import Role, SecondFactorFor

_WHO = {
    SecondFactorFor.NOBODY: frozenset[Role](),
    SecondFactorFor.ADMINISTRATORS: frozenset({Role.ADMINISTRATOR}),
    SecondFactorFor.MANAGERS: frozenset({Role.ADMINISTRATOR, Role.MANAGER}),
    SecondFactorFor.EVERYBODY: frozenset(Role),
}


@dataclass(frozen=True)
class SignInPolicy:
    """Which ways in are open, and who must give two kinds of proof."""

    passkeys: bool = True
    passwords: bool = True
    provider: bool = True
    second_factor_for: SecondFactorFor = SecondFactorFor.NOBODY

    def needs_two_factors(self, role: Role) -> bool:
        return role in _WHO[self.second_factor_for]
