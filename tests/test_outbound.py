"""The one client for foreign addresses: where it does not go, and when it stops."""

import gc
import socket
import ssl
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
import requests

from app.outbound import AnswerTooLong, DeadlinePassed, Outbound, _PlainConnection
from app.web_address import RefusedAddress
from tests.support import tls
from tests.support.waiting import until

_connects: list[Any] = []
sys.addaudithook(lambda event, args: _connects.append(args[1]) if event == "socket.connect" else None)


@pytest.fixture
def connects() -> list[Any]:
    """Every address that anything in this process tries to connect to from here on: the canary."""
    _connects.clear()
    return _connects


@pytest.fixture
def client() -> Iterator[Outbound]:
    with Outbound(deadline=1.0) as client:
        yield client


@contextmanager
def server(
    talk: Callable[[socket.socket], None], *, address: str = "127.0.0.1", port: int = 0,
    tls: ssl.SSLContext | None = None,
) -> Iterator[int]:  # fmt: skip
    """A raw server: `talk` is given each connection in a thread of its own. Gives its port."""
    listener = socket.create_server((address, port), backlog=100)

    def serve(connection: socket.socket) -> None:
        try:
            with tls.wrap_socket(connection, server_side=True) if tls else connection as plain:
                talk(plain)
        except OSError:
            pass  # the client has gone, which is what most of these tests are about

    def accept() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=serve, args=(connection,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield listener.getsockname()[1]
    finally:
        listener.close()


def request(connection: socket.socket) -> bytes:
    """The whole of it, whose body is one x: hanging up with some unread would reset the connection."""
    came = b""
    while not came.endswith(b"\r\n\r\nx") and (piece := connection.recv(65536)):
        came += piece
    return came


def answer(head: bytes, *pieces: bytes, every: float = 0.0) -> Callable[[socket.socket], None]:
    def talk(connection: socket.socket) -> None:
        request(connection)
        connection.sendall(head)
        for piece in pieces:
            time.sleep(every)
            connection.sendall(piece)

    return talk


CREATED = b"HTTP/1.1 201 Created\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"

HOSTILE = [
    "https://127.0.0.1/",
    "https://127.1/",
    "https://127.0.1/",
    "https://2130706433/",
    "https://0x7f000001/",
    "https://0x7f.0.0.1/",
    "https://0177.0.0.1/",
    "https://017700000001/",
    "https://127.000.000.001/",
    "https://0/",
    "https://0.0.0.0/",
    "https://localhost/",
    "https://LOCALHOST/",
    "https://[::1]/",
    "https://[::]/",
    "https://[0:0:0:0:0:0:0:1]/",
    "https://[::ffff:127.0.0.1]/",
    "https://[::ffff:7f00:1]/",
    "https://[::127.0.0.1]/",
    "https://[::7f00:1]/",
    "https://[64:ff9b::7f00:1]/",
    "https://[64:ff9b:1::7f00:1]/",
    "https://[2002:7f00:1::]/",
    "https://[2002:7f00:1::1]/",
    "https://[2001:0:4136:e378:8000:63bf:3fff:fdd2]/",
    "https://[fe80::1]/",
    "https://[fec0::1]/",
    "https://[fc00::1]/",
    "https://[fd00:ec2::254]/",
    "https://[ff02::1]/",
    "https://[100::1]/",
    "https://[2001:db8::1]/",
    "https://[5f00::1]/",
    "https://[fe80::1%25lo]/",
    "https://169.254.169.254/latest/meta-data/",
    "https://2852039166/",
    "https://10.0.0.1/",
    "https://172.16.0.1/",
    "https://192.168.1.1/",
    "https://100.64.0.1/",
    "https://100.100.100.200/",
    "https://192.0.0.192/",
    "https://192.88.99.1/",
    "https://198.18.0.1/",
    "https://203.0.113.1/",
    "https://224.0.0.1/",
    "https://240.0.0.1/",
    "https://255.255.255.255/",
    "http://127.0.0.1/",
    "http://fcm.googleapis.com/",
    "https://fcm.googleapis.com:8443/",
    "https://127.0.0.1:22/",
    "https://user:secret@127.0.0.1/",
    "https://fcm.googleapis.com@127.0.0.1/",
    "https://fcm.googleapis.com\\@127.0.0.1/",
    "https://127.0.0.1\\.push.apple.com/",
    "https://127.0.0.1#.push.apple.com/",
    "https://127。0。0。1/",
    "https://①27.0.0.1/",
    "https://127.0.0.1%00.push.apple.com/",
    "https://127.0.0.1%2f.push.apple.com/",
    "https:///127.0.0.1/",
    "https:127.0.0.1/",
    "https://127.0.0.1:443:443/",
    "https://127.0.0.1:99999/",
    "https://[::1/",
    "https://[::1]evil/",
    "ftp://127.0.0.1/",
    "gopher://127.0.0.1/",
    "file:///etc/passwd",
    "//127.0.0.1/",
    "unix:///var/run/docker.sock",
    "",
]


@pytest.mark.parametrize("url", HOSTILE)
def test_SEC1_a_hostile_address_is_never_connected_to(client: Outbound, connects: list[Any], url: str) -> None:
    with pytest.raises(requests.RequestException):
        client.post(url, data=b"x")
    assert connects == []


def test_SEC1_proxies_and_credentials_of_the_environment_are_not_used(
    monkeypatch: pytest.MonkeyPatch, connects: list[Any], tmp_path: Path
) -> None:
    seen: list[bytes] = []

    def talk(connection: socket.socket) -> None:
        seen.append(request(connection))
        connection.sendall(
            b"HTTP/1.1 201 Created\r\nContent-Length: 0\r\nConnection: close\r\nSet-Cookie: a=b\r\n\r\n"
        )

    (tmp_path / "netrc").write_text("machine 127.0.0.1 login ada password secret\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    with server(talk) as port, Outbound(named_hosts=[f"127.0.0.1:{port}"]) as client:
        for _ in range(2):
            assert client.post(f"http://127.0.0.1:{port}/", data=b"x").status_code == 201
        assert {address[1] for address in connects} == {port}
    assert not any(b"Authorization" in came or b"Cookie" in came for came in seen)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_SEC1_a_redirect_to_loopback_is_not_followed(connects: list[Any], status: int) -> None:
    with server(answer(b"HTTP/1.1 200 OK\r\n\r\n")) as canary:
        head = f"HTTP/1.1 {status} Moved\r\nLocation: http://127.0.0.1:{canary}/\r\nContent-Length: 0\r\n\r\n"
        with server(answer(head.encode())) as port, Outbound(named_hosts=[f"127.0.0.1:{port}"]) as client:
            got = client.post(f"http://127.0.0.1:{port}/", data=b"x", allow_redirects=True)
    assert got.status_code == status
    assert {address[1] for address in connects} == {port}


def test_SEC1_a_name_is_resolved_once_and_the_checked_address_is_called(
    monkeypatch: pytest.MonkeyPatch, connects: list[Any]
) -> None:
    """A rebinding name server gives an allowed address to be checked, and another to be connected to."""
    real, asked = socket.getaddrinfo, []

    def rebinding(host: Any, port: Any, *args: Any, **kwargs: Any) -> Any:
        if host != "rebind.example":
            return real(host, port, *args, **kwargs)
        asked.append(host)
        return real("127.0.0.1" if len(asked) == 1 else "127.0.0.2", port, *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", rebinding)
    talk = answer(CREATED)
    with server(talk) as port, Outbound(named_hosts=["rebind.example"]) as client:
        assert client.post(f"http://rebind.example:{port}/", data=b"x").status_code == 201
    assert connects == [("127.0.0.1", port)]
    assert len(asked) == 1


def test_SEC1_a_public_name_that_leads_inside_is_refused(
    monkeypatch: pytest.MonkeyPatch, client: Outbound, connects: list[Any]
) -> None:
    real = socket.getaddrinfo
    monkeypatch.setattr(socket, "getaddrinfo", lambda _host, port, *a, **k: real("10.1.2.3", port, *a, **k))
    with pytest.raises(RefusedAddress, match="not public"):
        client.post("https://web.push.apple.com/x", data=b"x")
    assert connects == []


SLOW = {
    "says nothing": (b"", [b""] * 1000),
    "trickles its status line": (b"H", [b"T"] * 1000),
    "trickles its headers": (b"HTTP/1.1 201 Created\r\nX: ", [b"x"] * 1000),
    "trickles endless headers": (b"HTTP/1.1 201 Created\r\n", [b"X: y\r\n"] * 1000),
    "says continue for ever": (b"", [b"HTTP/1.1 100 Continue\r\n\r\n"] * 1000),
    "trickles its body": (b"HTTP/1.1 201 Created\r\nContent-Length: 9999\r\n\r\n", [b"x"] * 1000),
    "trickles chunks": (b"HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n", [b"1\r\nx\r\n"] * 1000),
    "trickles a body without length": (b"HTTP/1.1 201 Created\r\n\r\n", [b"x"] * 1000),
}


@pytest.mark.parametrize("encrypted", [False, True], ids=["http", "https"])
@pytest.mark.parametrize("how", SLOW)
def test_INV21_a_server_that_never_ends_is_left_at_the_deadline(
    how: str, encrypted: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    head, pieces = SLOW[how]
    context, trusted = tls.certificate(tmp_path, "push.example")
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
    talk = answer(head, *pieces, every=0.02)
    with (
        server(talk, tls=context if encrypted else None) as port,
        Outbound(named_hosts=["127.0.0.1"], deadline=0.3) as client,
    ):
        began = time.monotonic()
        with pytest.raises(DeadlinePassed) as raised:
            client.post(f"http{'s' * encrypted}://127.0.0.1:{port}/", data=b"x")
        assert time.monotonic() - began < 2.0
    status = raised.value.response.status_code if raised.value.response is not None else None
    assert status == (201 if "body" in how or "chunks" in how else None)


def test_INV21_a_handshake_that_never_ends_is_left_at_the_deadline() -> None:
    with (
        server(lambda _connection: time.sleep(5)) as port,
        Outbound(named_hosts=["127.0.0.1"], deadline=0.5) as client,
    ):
        began = time.monotonic()
        with pytest.raises(DeadlinePassed):
            client.post(f"https://127.0.0.1:{port}/", data=b"x")
        assert time.monotonic() - began < 2.0


def test_INV21_a_connection_that_is_made_when_the_time_is_over_is_closed() -> None:
    with server(lambda _: None) as port, pytest.raises(TimeoutError):
        _PlainConnection("127.0.0.1", port)._new_conn()
    gc.collect()  # a socket left open would be told of here, and fail this test


def test_SEC1_a_certificate_for_another_name_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    context, trusted = tls.certificate(tmp_path, "push.example")
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
    real = socket.getaddrinfo
    monkeypatch.setattr(socket, "getaddrinfo", lambda _host, port, *a, **k: real("127.0.0.1", port, *a, **k))
    talk = answer(CREATED)
    with server(talk, tls=context) as port, Outbound(named_hosts=["push.example", "other.example"]) as client:
        assert client.post(f"https://push.example:{port}/", data=b"x").status_code == 201
        with pytest.raises(requests.exceptions.SSLError):
            client.post(f"https://other.example:{port}/", data=b"x")


def test_INV21_a_name_server_that_never_answers_costs_no_more_than_the_deadline(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answers = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_kwargs: answers.wait(10) and [])
    with Outbound(deadline=0.5) as client:
        began = time.monotonic()
        with pytest.raises(requests.Timeout):
            client.post("https://web.push.apple.com/x", data=b"x")
        assert time.monotonic() - began < 2.0
        answers.set()


def test_a_known_address_is_still_called_while_names_cannot_be_resolved(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("app.outbound.FRESH", 0.0)
    real, works = socket.getaddrinfo, [True]

    def resolver(host: Any, port: Any, *args: Any, **kwargs: Any) -> Any:
        if host == "push.example" and not works[0]:
            raise socket.gaierror("no name server")
        return real("127.0.0.1" if host == "push.example" else host, port, *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", resolver)
    talk = answer(CREATED)
    with server(talk) as port, Outbound(named_hosts=["push.example"]) as client:
        for works[0] in (True, False):
            assert client.post(f"http://push.example:{port}/", data=b"x").status_code == 201


def test_SEC1_no_more_than_64_KB_of_an_answer_are_kept() -> None:
    head = b"HTTP/1.1 201 Created\r\nContent-Length: 10485760\r\n\r\n"
    with (
        server(answer(head, *[b"x" * 65536] * 160)) as port,
        Outbound(named_hosts=["127.0.0.1"]) as client,
        pytest.raises(AnswerTooLong) as raised,
    ):
        client.post(f"http://127.0.0.1:{port}/", data=b"x")
    assert raised.value.response is not None
    assert (raised.value.response.status_code, len(raised.value.response.content)) == (201, 64 * 1024)


def test_INV21_one_host_takes_no_more_than_its_places(connects: list[Any]) -> None:
    """The fifth of five waits for a place and not for a connection, and gives up by its own deadline."""
    ended: list[str] = []
    with (
        server(lambda _connection: time.sleep(5)) as port,
        Outbound(named_hosts=["127.0.0.1"], deadline=1.5, per_host=4) as client,
    ):

        def call() -> None:
            try:
                client.post(f"http://127.0.0.1:{port}/", data=b"x")
            except DeadlinePassed as error:
                ended.append(str(error))

        threads = [threading.Thread(target=call) for _ in range(5)]
        for thread in threads:
            thread.start()
        until(lambda: len(connects) == 4, within=1.4)
        for thread in threads:
            thread.join(timeout=5.0)
    assert len(ended) == 5
    assert len(connects) <= 5  # the last may still have got the first one's place, with no time left to use it


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1:9/", "http://10.0.0.1/", "https://192.168.1.1/", "https://[fd00::1]/",
        "https://172.16.0.1:8443/",
    ],
)  # fmt: skip
def test_SEC3_ones_own_network_is_called_only_where_the_configuration_names_the_host(
    address: str, connects: list[Any]
) -> None:
    with Outbound(private=True, deadline=1.0) as client, pytest.raises(RefusedAddress):
        client.get(address)
    with Outbound(named_hosts=["other.example"], private=True) as client, pytest.raises(RefusedAddress):
        client.get(address)
    assert connects == []


@pytest.mark.parametrize(
    "host", ["169.254.169.254", "0.0.0.0", "[fe80::1]", "100.64.0.1", "224.0.0.1", "[::ffff:169.254.169.254]"]
)
def test_SEC3_not_even_a_named_host_may_be_where_clouds_keep_their_keys(host: str, connects: list[Any]) -> None:
    with Outbound(named_hosts=[host], private=True) as client, pytest.raises(RefusedAddress):
        client.get(f"http://{host}/latest/meta-data")
    assert connects == []


@pytest.mark.parametrize("host", ["10.0.0.1", "172.31.0.1", "192.168.1.1", "[fd00::1]", "127.0.0.1"])
def test_SEC3_a_named_host_of_ones_own_network_is_called(host: str, connects: list[Any]) -> None:
    with (
        Outbound(named_hosts=[host], private=True, deadline=0.3) as client,
        suppress(requests.RequestException),
    ):
        client.get(f"http://{host}:9/")
    assert [address[0] for address in connects] == [host.strip("[]")]
