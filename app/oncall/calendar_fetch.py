"""What is at the address of a calendar, through the one way out: bounded in size and in time (SEC-1)."""

from urllib.parse import urlsplit

from flask import current_app

from app.oncall.calendar_in import LARGEST, UnreadableCalendar


class NoAnswer(UnreadableCalendar):
    """Nobody gave us a calendar at that address; a later try may."""


def web_address(typed: str) -> str:
    """The address as it is called: calendar programs write webcal for https."""
    return typed.strip().replace("webcal://", "https://", 1)


def host_of(address: str) -> str:
    """The part of an address that may be shown: what follows it is often a secret."""
    return urlsplit(address).hostname or address


def fetch(address: str) -> bytes:
    """The file at `address`. Raises UnreadableCalendar, of which NoAnswer may be over by itself."""
    import requests  # read here: it and our client are wanted for an address only

    from app.outbound import DEADLINE, AnswerTooLong, Outbound
    from app.web_address import RefusedAddress

    named = current_app.config["settings"].private_hosts
    client = Outbound(named_hosts=named, private=True, body_limit=LARGEST)
    try:
        answer = client.get(address)
    except RefusedAddress as refused:
        raise UnreadableCalendar(f"That address is not called: {refused}.") from refused
    except AnswerTooLong as long:
        raise UnreadableCalendar("The file is over 5 MB.") from long
    except requests.RequestException as failed:
        raise NoAnswer(f"That address did not answer with a calendar in {DEADLINE:.0f} s.") from failed
    finally:
        client.close()
    if answer.status_code != 200:
        raise NoAnswer(f"That address answered {answer.status_code}.")
    return answer.content
