"""The sentence that says what was done, with the way to take it back."""

from dataclasses import asdict, dataclass, field

from flask import flash


@dataclass(frozen=True)
class Toast:
    """What the next page says once. `undo` is an address to post `fields` to."""

    sentence: str
    undo: str | None = None
    fields: list[tuple[str, str]] = field(default_factory=list)
    failed: bool = False


def toast(
    sentence: str, *, undo: str | None = None, fields: list[tuple[str, str]] | None = None, failed: bool = False
) -> None:
    """Say `sentence` on the next page this person sees."""
    flash(asdict(Toast(sentence, undo, fields or [], failed)), "toast")  # type: ignore[arg-type]
