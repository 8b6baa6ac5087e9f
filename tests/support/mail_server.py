"""A real mail server on loopback that keeps what it is given, and can be told to misbehave."""

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope, LoginPassword, Session


@dataclass
class MailBox:
    """What came in. `answers` maps an address to what the server says to it instead of 250."""

    url: str = ""
    letters: list[EmailMessage] = field(default_factory=list)
    answers: dict[str, str] = field(default_factory=dict)
    connections: int = 0
    was_encrypted: list[bool] = field(default_factory=list)

    def to(self, address: str) -> list[EmailMessage]:
        return [letter for letter in self.letters if letter["To"] == address]

    async def handle_EHLO(
        self, server: Any, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        self.connections += 1
        return responses

    async def handle_RCPT(
        self, server: Any, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address in self.answers:
            return self.answers[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Session, envelope: Envelope) -> str:
        assert isinstance(envelope.content, bytes)
        self.letters.append(message_from_bytes(envelope.content, policy=policy.default))  # type: ignore[arg-type]
        encrypted = session.ssl or server.transport.get_extra_info("ssl_object")
        self.was_encrypted.append(encrypted is not None)
        return "250 Message accepted"


@contextmanager
def mail_server(
    *,
    tls: ssl.SSLContext | None = None,
    starttls: ssl.SSLContext | None = None,
    login: tuple[str, str] = ("", ""),
) -> Iterator[MailBox]:
    """Run one until the block ends: `tls` from the first byte, or `starttls`; with `login`, for it only."""
    box = MailBox()

    def known(server: Any, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
        right = isinstance(data, LoginPassword) and (data.login.decode(), data.password.decode()) == login
        return AuthResult(success=right, handled=False)

    wishes: dict[str, Any] = {"server_hostname": "mail.test"}
    if starttls is not None:
        wishes |= {"tls_context": starttls, "require_starttls": True}
    if login != ("", ""):
        only = starttls is not None
        wishes |= {"authenticator": known, "auth_required": only, "auth_require_tls": only}
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        port = free.getsockname()[1]
    controller = Controller(box, hostname="127.0.0.1", port=port, ssl_context=tls, **wishes)
    controller.start()
    box.url = f"{'smtps' if tls else 'smtp'}://127.0.0.1:{port}"
    try:
        yield box
    finally:
        controller.stop()


@contextmanager
def silent_server(*, drip: bytes = b"") -> Iterator[str]:
    """Takes connections and says nothing, or one byte of `drip` again and again, until the block ends."""
    over = threading.Event()

    def serve(listening: socket.socket) -> None:
        while not over.is_set():
            try:
                line, _ = listening.accept()
            except OSError:
                return
            with closing(line):
                while not over.wait(0.05):
                    try:
                        line.sendall(drip)
                        if drip == b"" and line.recv(1) == b"":
                            break
                    except OSError:
                        break

    with closing(socket.create_server(("127.0.0.1", 0))) as listening:
        thread = threading.Thread(target=serve, args=[listening], daemon=True)
        thread.start()
        yield f"smtp://127.0.0.1:{listening.getsockname()[1]}"
        over.set()
