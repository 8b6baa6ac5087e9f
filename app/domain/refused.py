"""What a verb answers to input it cannot take: a sentence for each field, so that a form can show it there."""


class Refused(Exception):
    """Nothing was changed. `errors` maps a field's name to a sentence that says how to mend it."""

    def __init__(self, **errors: str) -> None:
        super().__init__(" ".join(errors.values()))
        self.errors = errors
