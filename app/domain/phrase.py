"""How a number of things is said."""


def counted(number: int, singular: str, plural: str | None = None) -> str:
    """The number with its noun.

    >>> counted(1, "alert"), counted(2, "alert"), counted(0, "search", "searches")
    ('1 alert', '2 alerts', '0 searches')
    """
    return f"{number} {singular if number == 1 else plural or singular + 's'}"
