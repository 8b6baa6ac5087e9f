"""Whom a text names by @, of those who are here."""

from app.domain.mention import Person, mentioned
from app.people.models import User
from app.people.queries import active_users


def named_in(text: str) -> list[User]:
    if "@" not in text:
        return []
    here = {each.id: each for each in active_users()}
    return [here[each] for each in mentioned(text, (Person(e.id, e.name, e.email) for e in here.values()))]
