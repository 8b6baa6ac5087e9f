"""One exchange with somebody's web server, and which outcome its answer is."""

from collections.abc import Callable
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

import requests

from app import clock
from app.outbound import AnswerTooLong, DeadlinePassed, Outbound
from app.paging.channels.outcome import Accepted, Gone, Outcome, Refused, RetryAfter, TooLarge
from app.web_address import RefusedAddress


def post(
    client: Outbound,
    url: str,
    *,
    refuses: str,
    said: Callable[[requests.Response], str] | None = None,
    **request: Any,
) -> Outcome:
    """POST once through the hardened client (SEC-1) and say what came of it.

    `refuses` is what it must be that a 401 or 403 refuses, as in "our key". `said` reads
    the fault out of an answer, with what comes before it; None: its first words. `request` goes to requests.
    """
    host = urlsplit(url).hostname
    try:
        answer = client.post(url, **request)
    except RefusedAddress as refused:
        return Refused(f"{host} was not called: {refused}.")
    except (DeadlinePassed, AnswerTooLong) as error:
        if error.response is None:
            return RetryAfter(None, f"{host} did not answer in time.")
        answer = error.response  # status and headers came, which is all we need
    except requests.exceptions.SSLError:
        return RetryAfter(None, f"{host} has no valid certificate.")
    except (requests.ConnectionError, requests.Timeout) as error:
        if error.response is None:
            return RetryAfter(None, f"{host} could not be reached.")
        answer = error.response
    except requests.RequestException:
        return RetryAfter(None, f"{host} gave an answer nobody can read.")
    return _outcome(answer, str(host), refuses, (said or first_words)(answer))


def _outcome(answer: requests.Response, host: str, refuses: str, said: str) -> Outcome:
    match answer.status_code:
        case status if 200 <= status < 300:
            return Accepted(status)
        case 404 | 410:
            return Gone(answer.status_code)
        case 413:
            return TooLarge()
        case 401 | 403:
            return Refused(f"{host} refuses {refuses} ({answer.status_code}){said}.")
        case 408 | 425 | 429 | 500 | 502 | 503 | 504 | 507 as status:
            return RetryAfter(_retry_after(answer), f"{host} asks to wait ({status}){said}.")
        case status if status >= 500:
            return RetryAfter(_retry_after(answer), f"{host} has a fault ({status}){said}.")
        case status:
            return Refused(f"{host} refuses the message ({status}){said}.")


def _retry_after(answer: requests.Response) -> float | None:
    """Retry-After in seconds from now, given as seconds or as an HTTP date; None when absent or unreadable."""
    given = answer.headers.get("Retry-After", "").strip()
    if given.isascii() and given.isdigit():
        return float(given[:9])
    try:
        return max(0.0, (parsedate_to_datetime(given) - clock.host()).total_seconds())
    except (ValueError, TypeError):
        return None


def first_words(answer: requests.Response) -> str:
    """The service's own words, for the operator: short, printable, never an address, which may be a secret."""
    words = "".join(c if c.isprintable() else " " for c in answer.content[:200].decode("utf-8", "replace"))
    return f": {' '.join(words.split())}" if words.strip() and "//" not in words else ""
