"""The one way out by mail: hands letters to the operator's mail server and says what became of each.

Knows no rows. A connection and all that is sent over it are over by a deadline, whatever the server does. A
password is never sent over a line that is not encrypted, except to this machine.
"""

import ipaddress
import logging
import smtplib
import socket
import ssl
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import format_datetime, formataddr
from typing import Any
from urllib.parse import unquote, urlsplit

import certifi

from app import clock
from app.config import Settings

log = logging.getLogger(__name__)

DEADLINE = 20.0  # seconds for connecting and a whole batch
QUIET = 8.0  # seconds a server may stay silent
_NO_ANSWER = "the mail server did not answer in time"
_PORTS = {"smtp": 587, "smtps": 465}


@dataclass(frozen=True)
class Letter:
    """One mail in plain text. `key` names it for ever: a second sending carries the same Message-ID.

    `leave_url` takes a POST that ends this kind of mail for its reader; None where there is nothing to leave.
    `calendar` is a file that calendars read (RFC 5545).
    """

    key: str
    to: str
    subject: str
    text: str
    leave_url: str | None = None
    calendar: str | None = None


@dataclass(frozen=True)
class Sent:
    """The server has taken it. Whether it arrives is another matter."""


@dataclass(frozen=True)
class TryAgain:
    """Not now; the reason is for an operator to read and names no password."""

    reason: str


@dataclass(frozen=True)
class Refused:
    """Never: this letter or this address is not taken."""

    reason: str


Outcome = Sent | TryAgain | Refused


class MailServer:
    """The server of NIGHTBELL_SMTP_URL. May be used from one thread at a time."""

    def __init__(self, url: str, *, sender: str) -> None:
        parts = urlsplit(url)
        self._is_tls = parts.scheme == "smtps"
        self._host = parts.hostname or ""
        self._port = parts.port or _PORTS[parts.scheme]
        self._user, self._password = unquote(parts.username or ""), unquote(parts.password or "")
        self.sender = sender

    @classmethod
    def from_settings(cls, settings: Settings) -> "MailServer | None":
        """None where the operator named no mail server."""
        if settings.smtp_url is None:
            return None
        host = urlsplit(settings.base_url).hostname
        return cls(settings.smtp_url, sender=settings.mail_from or f"nightbell@{host}")

    def send(self, letters: Sequence[Letter], *, deadline: float = DEADLINE) -> list[Outcome]:
        """Hand over these letters on one connection; an outcome for each, in their order. Never raises."""
        outcomes: list[Outcome] = []
        try:
            with self._connection(deadline) as server:
                for letter in letters:
                    outcomes.append(self._hand_over(server, letter))
        except (OSError, smtplib.SMTPException, ValueError) as error:
            reason = _reason(error)
            log.warning("the mail server did not take what it was to send: %s", reason)
            outcomes += [TryAgain(reason)] * (len(letters) - len(outcomes))
        return outcomes

    @contextmanager
    def _connection(self, deadline: float) -> Iterator[smtplib.SMTP]:
        tls = ssl.create_default_context()
        tls.load_verify_locations(certifi.where())
        if self._is_tls:
            server: smtplib.SMTP = _TlsLine(self._host, self._port, deadline=deadline, context=tls)
        else:
            server = _Line(self._host, self._port, deadline=deadline)
        try:
            self._greet(server, tls)
            yield server
            try:
                server.quit()
            except (OSError, smtplib.SMTPException):
                log.debug("the mail server did not say goodbye")  # what it took, it took
        finally:
            server.close()

    def _greet(self, server: smtplib.SMTP, tls: ssl.SSLContext) -> None:
        server.ehlo()
        if not self._is_tls and server.has_extn("starttls"):
            server.starttls(context=tls)
            server.ehlo()
        elif not self._is_tls and self._user and not _is_this_machine(self._host):
            raise ValueError("it offers no encryption, and the password is not sent without")
        if self._user:
            server.login(self._user, self._password)

    def _hand_over(self, server: smtplib.SMTP, letter: Letter) -> Outcome:
        try:
            server.send_message(_written(letter, self.sender), self.sender, [letter.to])
        except smtplib.SMTPRecipientsRefused as refused:
            code, _ = next(iter(refused.recipients.values()))
            server.rset()
            return _by_code(code, "does not take mail for this address")
        except smtplib.SMTPServerDisconnected:
            raise
        except smtplib.SMTPNotSupportedError:
            return Refused("the mail server takes no address with such letters")
        except smtplib.SMTPResponseException as answer:
            server.rset()
            return _by_code(answer.smtp_code, "did not take this mail")
        except (ValueError, UnicodeError):
            return Refused("this is no address mail can be sent to")
        return Sent()


class _Line(smtplib.SMTP):
    """A connection that is cut when its time is over.

    smtplib's timeout is for each read: a byte now and then would get round it.
    """

    def __init__(self, host: str, port: int, *, deadline: float, **options: Any) -> None:
        self._watchdog = threading.Timer(deadline, self._cut)
        self._watchdog.daemon = True
        self._watchdog.start()
        try:
            super().__init__(host, port, timeout=QUIET, **options)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        self._watchdog.cancel()
        super().close()

    def _cut(self) -> None:
        if self.sock is not None:
            with suppress(OSError):  # it ended in the same moment
                self.sock.shutdown(socket.SHUT_RDWR)  # wakes the thread that reads; close would not


class _TlsLine(_Line, smtplib.SMTP_SSL):
    pass


def _written(letter: Letter, sender: str) -> EmailMessage:
    """The letter as it goes over the line. Raises ValueError for a line break where none may be."""
    message = EmailMessage()
    message["From"] = formataddr(("Nightbell", sender))
    message["To"] = letter.to
    message["Subject"] = letter.subject
    message["Date"] = format_datetime(clock.host())  # a mail server compares it with its own clock
    message["Message-ID"] = f"<{letter.key}@{sender.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"  # so that nobody's absence note answers us (RFC 3834)
    if letter.leave_url is not None:  # RFC 8058
        message["List-Unsubscribe"] = f"<{letter.leave_url}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message.set_content(letter.text)
    if letter.calendar is not None:  # RFC 6047
        method = "CANCEL" if "METHOD:CANCEL" in letter.calendar else "REQUEST"
        message.add_alternative(
            letter.calendar, subtype="calendar", params={"method": method, "name": "review.ics"}
        )
    return message


def _by_code(code: int, what: str) -> Outcome:
    reason = f"the mail server {what} ({code})"
    return Refused(reason) if code >= 500 else TryAgain(reason)


def _reason(error: Exception) -> str:
    """What an operator needs to know. Server texts may repeat addresses, so only the number is kept."""
    match error:
        case smtplib.SMTPAuthenticationError():
            return f"the mail server does not take our name and password ({error.smtp_code})"
        case smtplib.SMTPResponseException():
            return f"the mail server answered {error.smtp_code}"
        case ssl.SSLError():
            return f"no encrypted line to the mail server: {error.reason or 'its certificate is not trusted'}"
        case TimeoutError():
            return _NO_ANSWER
        case smtplib.SMTPServerDisconnected():
            waited = isinstance(error.__context__, TimeoutError)
            return _NO_ANSWER if waited else "the mail server ended the line"
        case ValueError():
            return f"the mail server: {error}"
    return f"the mail server cannot be reached: {getattr(error, 'strerror', None) or type(error).__name__}"


def _is_this_machine(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
