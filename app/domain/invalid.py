"""What is wrong with something a person or program sent us: every fault at once, each with its place."""

from collections.abc import Sequence

LONGEST_NAME = 100  # characters
LARGEST_ID = 2**31 - 1  # what a row's number can be


class InvalidField(ValueError):
    """Input that cannot be taken. `errors`: pairs of a JSON pointer, as /layers/0/rotation/start, and a
    sentence.
    """

    def __init__(self, errors: Sequence[tuple[str, str]]) -> None:
        super().__init__("; ".join(f"{pointer or '/'}: {detail}" for pointer, detail in errors))
        self.errors = list(errors)


class StaleVersion(Exception):
    """Somebody changed the thing after it was read: nothing was changed now. `current` is the version or
    edition it has.
    """

    def __init__(self, current: int | str) -> None:
        super().__init__(
            "Somebody changed this while you were editing. Look at it again, then repeat your change."
        )
        self.current = current


class Faults:
    """Collects what is wrong while a document is read, so that one answer names all of it."""

    def __init__(self) -> None:
        self.errors: list[tuple[str, str]] = []

    def add(self, pointer: str, detail: str) -> None:
        self.errors.append((pointer, detail))

    def stop_if_any(self) -> None:
        """Raise InvalidField when something was wrong."""
        if self.errors:
            raise InvalidField(self.errors)

    def mapping(self, value: object, pointer: str, known: Sequence[str]) -> dict[str, object] | None:
        """`value` as an object with no fields but the `known` ones; None where it is none."""
        if not isinstance(value, dict):
            self.add(pointer, "must be an object")
            return None
        for name in value:
            if name not in known:
                self.add(f"{pointer}/{escaped(str(name))}", f"is not known here; known are {', '.join(known)}")
        return {str(name): held for name, held in value.items()}

    def sequence(self, value: object, pointer: str, *, at_most: int, at_least: int = 0) -> list[object]:
        """`value` as a list of a bearable length; an empty one where it is none."""
        if not isinstance(value, list | tuple):
            self.add(pointer, "must be a list")
            return []
        if not at_least <= len(value) <= at_most:
            self.add(pointer, f"must have {at_least} to {at_most} entries, has {len(value)}")
            return []
        return list(value)

    def whole_number(self, value: object, pointer: str, lowest: int, highest: int) -> int:
        """`value` as a whole number between the two; `lowest` where it is none."""
        if isinstance(value, bool) or not isinstance(value, int) or not lowest <= value <= highest:
            self.add(pointer, f"must be a whole number from {lowest} to {highest}")
            return lowest
        return value

    def id(self, value: object, pointer: str) -> int:
        """An id as JSON carries it, a text of digits, or as a number; 0 where it is neither."""
        if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 18:
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, int) or not 0 < value <= LARGEST_ID:
            self.add(pointer, "must be an id")
            return 0
        return value

    def name(self, value: object, pointer: str = "/name") -> str:
        """What a thing is called, without spaces around it; empty where it is no name."""
        name = value.strip() if isinstance(value, str) else ""
        if not name or len(name) > LONGEST_NAME or not name.isprintable():
            self.add(pointer, f"must be a text of 1 to {LONGEST_NAME} characters, on one line")
            return ""
        return name


def escaped(name: str) -> str:
    """A field's name as part of a JSON pointer (RFC 6901)."""
    return name.replace("~", "~0").replace("/", "~1")
