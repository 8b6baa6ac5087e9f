"""Handing letters to a real mail server: encrypted, signed in, refused, silent."""

import socket
import time
from contextlib import closing
from pathlib import Path

import pytest

from app import smtp
from app.config import ConfigurationError
from app.smtp import Letter, MailServer, Refused, Sent, TryAgain
from tests.support.databases import settings_for
from tests.support.mail_server import mail_server, silent_server
from tests.support.tls import certificate

LETTER = Letter("mail-7", "ada@nightbell.example", "Ada, “Payments” is yours", "It is.\n\nhttps://nb/teams/1")


def server(url: str) -> MailServer:
    return MailServer(url, sender="nightbell@nightbell.example")


def with_login(url: str, login: str) -> str:
    return url.replace("://", f"://{login}@")


def test_a_letter_arrives_as_it_was_written() -> None:
    with mail_server() as box:
        assert server(box.url).send([LETTER]) == [Sent()]
    (arrived,) = box.letters
    assert arrived["Subject"] == LETTER.subject
    assert arrived["From"] == "Nightbell <nightbell@nightbell.example>"
    assert arrived["To"] == "ada@nightbell.example"
    assert arrived["Message-ID"] == "<mail-7@nightbell.example>"
    assert arrived["Auto-Submitted"] == "auto-generated"
    assert arrived.get_content().replace("\r\n", "\n").strip() == LETTER.text


def test_a_line_that_can_be_encrypted_is_and_the_password_goes_over_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    context, trusted = certificate(tmp_path, "mail.test")
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
    with mail_server(starttls=context, login=("pager", "se:cret")) as box:
        assert server(with_login(box.url, "pager:se%3Acret")).send([LETTER]) == [Sent()]
    assert box.was_encrypted == [True]


def test_a_server_that_is_encrypted_from_the_first_byte_is_spoken_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    context, trusted = certificate(tmp_path, "mail.test")
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
    with mail_server(tls=context) as box:
        assert server(box.url).send([LETTER]) == [Sent()]
    assert box.was_encrypted == [True]


@pytest.mark.parametrize("way", ["tls", "starttls"])
def test_a_certificate_that_nobody_vouches_for_gets_no_mail_and_no_password(tmp_path: Path, way: str) -> None:
    context, _ = certificate(tmp_path, "mail.test")
    with mail_server(**{way: context}) as box:  # type: ignore[arg-type]
        (outcome,) = server(with_login(box.url, "pager:secret")).send([LETTER])
    assert isinstance(outcome, TryAgain)
    assert "certificate" in outcome.reason.lower()
    assert box.letters == []


def test_the_password_is_not_sent_over_an_open_line(monkeypatch: pytest.MonkeyPatch) -> None:
    with mail_server() as box:
        monkeypatch.setattr(smtp, "_is_this_machine", lambda _host: False)
        (outcome,) = server(with_login(box.url, "pager:secret")).send([LETTER])
    assert outcome == TryAgain("the mail server: it offers no encryption, and the password is not sent without")
    assert box.letters == []


def test_a_wrong_password_is_told_without_repeating_it() -> None:
    with mail_server(login=("pager", "right")) as box:
        (outcome,) = server(with_login(box.url, "pager:wrong")).send([LETTER])
    assert outcome == TryAgain("the mail server does not take our name and password (535)")


def test_each_letter_has_its_own_outcome_on_one_connection() -> None:
    letters = [Letter(f"mail-{n}", f"{n}@nightbell.example", "s", "t") for n in range(4)]
    with mail_server() as box:
        box.answers = {"1@nightbell.example": "550 no such user", "2@nightbell.example": "451 later"}
        outcomes = server(box.url).send(letters)
    assert outcomes == [
        Sent(),
        Refused("the mail server does not take mail for this address (550)"),
        TryAgain("the mail server does not take mail for this address (451)"),
        Sent(),
    ]
    assert box.connections == 1


def test_an_address_that_is_none_is_refused_and_the_next_letter_goes() -> None:
    hostile = Letter("mail-1", "ada@nightbell.example\r\nBcc: all@example.org", "s", "t")
    with mail_server() as box:
        outcomes = server(box.url).send([hostile, LETTER])
    assert isinstance(outcomes[0], Refused)
    assert outcomes[1] == Sent()
    assert len(box.letters) == 1


def test_a_server_that_says_nothing_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smtp, "QUIET", 0.2)
    with silent_server() as url:
        (outcome,) = server(url).send([LETTER])
    assert outcome == TryAgain("the mail server did not answer in time")


def test_a_server_that_says_a_byte_now_and_then_is_left_at_the_deadline() -> None:
    began = time.monotonic()
    with silent_server(drip=b"2") as url:
        (outcome,) = server(url).send([LETTER], deadline=0.5)
    assert isinstance(outcome, TryAgain)
    assert time.monotonic() - began < 3


def test_nobody_there_is_said_in_words() -> None:
    with closing(socket.socket()) as bound:  # nobody listens on it
        bound.bind(("127.0.0.1", 0))
        (outcome,) = server(f"smtp://127.0.0.1:{bound.getsockname()[1]}").send([LETTER])
    assert isinstance(outcome, TryAgain)
    assert "cannot be reached" in outcome.reason


@pytest.mark.parametrize("url", ["mail.example.org:587", "http://mail.example.org", "smtp://", "smtp://h:port"])
def test_a_setting_that_names_no_mail_server_stops_the_start(tmp_path: Path, url: str) -> None:
    with pytest.raises(ConfigurationError, match="SMTP_URL"):
        settings_for(tmp_path, "sqlite:///x.db", smtp_url=url)


def test_mail_comes_from_the_address_that_is_set_else_from_our_own_host(tmp_path: Path) -> None:
    known = {"smtp_url": "smtp://127.0.0.1:2525", "base_url": "https://pager.example.org"}
    assert MailServer.from_settings(settings_for(tmp_path, "sqlite:///x.db")) is None
    ours = MailServer.from_settings(settings_for(tmp_path, "sqlite:///x.db", **known))
    assert ours is not None
    assert ours.sender == "nightbell@pager.example.org"
    theirs = MailServer.from_settings(
        settings_for(tmp_path, "sqlite:///x.db", mail_from="a@b.example", **known)
    )
    assert theirs is not None
    assert theirs.sender == "a@b.example"
    with pytest.raises(ConfigurationError, match="MAIL_FROM"):
        settings_for(tmp_path, "sqlite:///x.db", mail_from="the pager")
