"""The one way out: every address that somebody else gave us is called through this client (SEC-1).

It speaks https on port 443 to public addresses only, connects to the very address it checked, follows no
redirect, uses no proxy, keeps at most 64 KB of an answer, and ends by its deadline, whatever the other side
does.
"""

import ipaddress
import socket
import ssl
import threading
import time
from collections import defaultdict
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as FutureTimeout
from http.cookiejar import DefaultCookiePolicy
from typing import Any, cast

import certifi
import requests
from requests.adapters import HTTPAdapter
from requests_hardened.client import HTTPSession
from requests_hardened.config import Config
from requests_hardened.ip_filter import InvalidIPAddress
from requests_hardened.ip_filter_adapter import IPFilterAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, Timeout
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError

from app.web_address import STANDARD_PORTS, RefusedAddress, Target, read, target

BODY_LIMIT = 64 * 1024  # bytes of an answer that are kept
DEADLINE = 8.0  # seconds for a whole exchange, below the engine's lease of 10
PER_HOST = 32  # exchanges with one host at a time, so that one slow service never takes every thread (INV-21)
FRESH = 60.0  # seconds a checked address is used without asking again
STALE = 3600.0  # seconds it may still be used while names cannot be resolved

_NOT_PUBLIC = "the name leads to an address that is not public"
_OWN = [ipaddress.ip_network(each) for each in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7")]
_EMBEDS_IPV4 = ipaddress.ip_network("::/96")  # long withdrawn, and `ipaddress` calls it global


class DeadlinePassed(requests.Timeout):
    """The exchange took too long. `response` is set when status and headers had come by then."""


class AnswerTooLong(requests.RequestException):
    """More bytes came than are kept; `response` holds the first ones, with status and headers."""


class Outbound(HTTPSession):
    """A requests session for foreign addresses; share one per process, it may be used from many threads.

    `named_hosts` are the operator's own (NIGHTBELL_PUSH_HOSTS): reached by http, on any port and on loopback
    too, for tests and for a push service on the same machine. With `private` they may also be in the operator's
    own network (SEC-3), as NIGHTBELL_PRIVATE_HOSTS says. Raises requests' exceptions, three of them ours.
    """

    def __init__(
        self,
        *,
        named_hosts: Iterable[str] = (),
        private: bool = False,
        deadline: float = DEADLINE,
        per_host: int = PER_HOST,
        body_limit: int = BODY_LIMIT,
    ) -> None:
        super().__init__(
            Config(
                ip_filter_enable=False,  # our own adapters, below, filter
                ip_filter_allow_loopback_ips=False,
                never_redirect=True,
                default_timeout=(deadline, deadline),
            )
        )
        self.trust_env = False  # no proxies, no .netrc, no other trust store from the environment
        self.headers["User-Agent"] = "Nightbell"
        self.headers["Accept-Encoding"] = "identity"  # nothing to inflate: 64 KB stay 64 KB
        self.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        self._named_hosts = tuple(named_hosts)
        self._deadline = deadline
        self._body_limit = body_limit
        self._places: defaultdict[str, threading.BoundedSemaphore] = defaultdict(
            lambda: threading.BoundedSemaphore(per_host)
        )
        self._addresses = _Addresses()
        self._public = _Adapter(self._addresses, https=True, loopback=False, per_host=per_host)
        adapter = _PrivateAdapter if private else _Adapter
        self._named = {
            scheme: adapter(self._addresses, https=scheme == "https", loopback=True, per_host=per_host)
            for scheme in STANDARD_PORTS
        }
        self._places_lock = threading.Lock()

    def prepare_request(self, request: requests.Request) -> requests.PreparedRequest:
        """Only headers are the session's own: to merge the cookies, sign-in and hooks that it never has would
        be a fifth of the time a push takes.
        """
        prepared = requests.PreparedRequest()
        prepared.prepare(
            method=request.method, url=request.url, headers={**self.headers, **request.headers},
            files=request.files, data=request.data, json=request.json, params=request.params,
            auth=request.auth, cookies=request.cookies, hooks=request.hooks,
        )  # fmt: skip
        return prepared

    def merge_environment_settings(self, *_args: Any, **_kwargs: Any) -> Any:
        """Nothing of the environment counts; `send` says the rest."""
        return {}

    def send(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:
        where = target(request.url or "", named_hosts=self._named_hosts)
        _exchange.ends_at = time.monotonic() + self._deadline
        with self._places_lock:
            place = self._places[where.host]
        if not place.acquire(timeout=self._deadline):
            raise DeadlinePassed("too many exchanges with this host at once", request=request)
        try:
            kwargs |= {"stream": True, "proxies": {}, "verify": True, "timeout": _time_left()}
            return _read(super().send(request, **kwargs), self._body_limit)
        except DeadlinePassed:
            raise
        except (TimeoutError, requests.Timeout, requests.ConnectionError) as error:
            if isinstance(error, requests.ConnectionError) and time.monotonic() < _exchange.ends_at:
                raise
            raise DeadlinePassed("no whole answer in time", request=request) from error
        finally:
            place.release()

    def get_adapter(self, url: str) -> "_Adapter":
        where = target(url, named_hosts=self._named_hosts)
        return self._named[where.scheme] if where.is_one_of(self._named_hosts) else self._public

    def get_redirect_target(self, response: requests.Response) -> None:
        """Never: requests would read a redirect's whole body just to look where it leads."""

    def close(self) -> None:
        super().close()
        for adapter in (self._public, *self._named.values()):
            adapter.close()
        self._addresses.close()


def _read(response: requests.Response, limit: int) -> requests.Response:
    """Take the body, up to the limit and the deadline, so that nobody reads on without them."""
    raw = response.raw
    body = b""
    try:
        while len(body) <= limit and (piece := raw.read(16 * 1024, decode_content=False)):
            body += piece
    except (HTTPError, OSError) as error:
        raw.close()
        if _exchange.ends_at <= time.monotonic():
            raise DeadlinePassed("the answer never ended", response=response) from error
        raise requests.ConnectionError("the answer broke off", response=response) from error
    finally:
        response._content, response._content_consumed = body[:limit], True  # type: ignore[attr-defined]
    if len(body) > limit:
        raw.close()
        raise AnswerTooLong(f"the answer is longer than {limit // 1024} KB", response=response)
    raw.release_conn()
    return response


class _Exchange(threading.local):
    """What this thread is in the middle of; one exchange runs in one thread from first to last byte."""

    ends_at = 0.0  # time.monotonic()


_exchange = _Exchange()


def _time_left() -> float:
    """Seconds until the exchange must be over; raises TimeoutError when it already should be."""
    left = _exchange.ends_at - time.monotonic()
    if left <= 0:
        raise TimeoutError("no whole answer in time")
    return left


class _Deadlined:
    """A socket whose every read and write has what is left of the exchange, not a fresh timeout each.

    requests' own timeout is per read: a byte a second, in the headers too, would get round it for ever.
    """

    def recv_into(self, *args: Any, **kwargs: Any) -> int:
        self.settimeout(_time_left())  # type: ignore[attr-defined]
        return cast(int, super().recv_into(*args, **kwargs))  # type: ignore[misc]

    def sendall(self, *args: Any, **kwargs: Any) -> None:
        self.settimeout(_time_left())  # type: ignore[attr-defined]
        super().sendall(*args, **kwargs)  # type: ignore[misc]


class _Socket(_Deadlined, socket.socket):
    pass


class _TlsSocket(_Deadlined, ssl.SSLSocket):
    pass


class _Connects:
    """Connections over such sockets; TLS takes its sockets from the context."""

    def _new_conn(self) -> socket.socket:
        plain = super()._new_conn()  # type: ignore[misc]
        connected = _Socket(plain.family, plain.type, plain.proto, fileno=plain.detach())
        try:
            connected.settimeout(_time_left())  # the handshake's whole time
        except TimeoutError:
            connected.close()  # nobody else holds it yet
            raise
        return connected


class _PlainConnection(_Connects, HTTPConnection):
    pass


class _TlsConnection(_Connects, HTTPSConnection):
    pass


class _PlainPool(HTTPConnectionPool):
    ConnectionCls = _PlainConnection


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _TlsConnection


class _Addresses:
    """Names already resolved and checked, so that a page waits for no name server, not even a dead one."""

    def __init__(self) -> None:
        self._known: dict[tuple[Target, bool], tuple[float, tuple[dict[str, Any], dict[str, Any]]]] = {}
        # getaddrinfo cannot be interrupted: it runs here and is left behind when the deadline passes
        self._resolvers = ThreadPoolExecutor(max_workers=8, thread_name_prefix="resolve")

    def resolve(self, key: tuple[Target, bool], look_up: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        now = time.monotonic()
        known_at, known = self._known.get(key, (-STALE, ({}, {})))
        if now - known_at < FRESH:
            return known
        asked: Future[tuple[dict[str, Any], dict[str, Any]]] = self._resolvers.submit(look_up)
        try:
            found = asked.result(timeout=_time_left() if not known[0] else min(1.0, _time_left()))
        except (requests.ConnectionError, FutureTimeout) as error:
            if now - known_at < STALE:
                return known
            if isinstance(error, FutureTimeout):
                raise requests.ConnectTimeout("the name was not resolved in time") from error
            raise
        self._known[key] = now, found
        return found

    def doubt(self, key: tuple[Target, bool]) -> None:
        """Nobody answered there: ask again next time, keeping the old address for when nobody answers that."""
        if key in self._known:
            known_at, known = self._known[key]
            self._known[key] = min(known_at, time.monotonic() - FRESH), known

    def close(self) -> None:
        self._resolvers.shutdown(wait=False, cancel_futures=True)


class _Adapter(IPFilterAdapter):
    """Resolves once, checks, and connects to the checked address."""

    def __init__(self, addresses: _Addresses, *, https: bool, loopback: bool, per_host: int) -> None:
        super().__init__(is_https_proto=https, allow_loopback=loopback)
        self._addresses = addresses
        self._loopback = loopback
        self._https = https
        self.init_poolmanager(connections=50, maxsize=per_host, block=True)
        self.poolmanager.pool_classes_by_scheme = {"http": _PlainPool, "https": _TlsPool}
        if https:
            self._tls = ssl.create_default_context()
            self._tls.load_verify_locations(certifi.where())
            self._tls.sslsocket_class = _TlsSocket

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        try:
            kwargs["timeout"] = Timeout(total=_time_left())
            return super().send(request, *args, **kwargs)
        except (requests.ConnectionError, requests.Timeout):
            self._addresses.doubt(self._key(request))
            raise

    def build_connection_pool_key_attributes(
        self, request: requests.PreparedRequest, verify: bool | str, cert: Any = None
    ) -> tuple[Any, Any]:
        def look_up() -> tuple[dict[str, Any], dict[str, Any]]:
            try:
                return self._checked(*self._resolved(request, verify, cert))
            except InvalidIPAddress as error:
                raise RefusedAddress(_NOT_PUBLIC) from error

        host, pool = self._addresses.resolve(self._key(request), look_up)
        request.headers["Host"] = read(request.url or "").authority
        return dict(host), dict(pool)

    def _resolved(
        self, request: requests.PreparedRequest, verify: bool | str, cert: Any
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """Where to connect, as an address, and how: the library resolves, and refuses what is private."""
        host, pool = super().build_connection_pool_key_attributes(request, verify, cert)
        return dict(host), dict(pool)

    def cert_verify(self, conn: Any, url: str, verify: Any, cert: Any) -> None:
        """The TLS context holds the roots already; requests would load them again for each connection."""

    def _key(self, request: requests.PreparedRequest) -> tuple[Target, bool]:
        return read(request.url or ""), self._loopback

    def _checked(self, host: dict[str, Any], pool: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
        """A second look at the address the library let pass: it asks `is_private`, we ask `is_global`."""
        address = ipaddress.ip_address(host["host"].strip("[]"))
        may = address.is_global or (self._loopback and address.is_loopback) or self._is_own(address)
        if (
            not may
            or address.is_multicast
            or (
                address.version == 6
                and (address.is_site_local or address in _EMBEDS_IPV4)
                and not address.is_loopback
            )
        ):
            raise RefusedAddress(_NOT_PUBLIC)
        if self._https:
            pool["ssl_context"] = self._tls
        return host, pool

    def _is_own(self, address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:  # noqa: ARG002
        """Whether an address that is not public may be called: none may."""
        return False


class _PrivateAdapter(_Adapter):
    """For hosts of the operator's own network, which the library would refuse whatever we say."""

    def _resolved(
        self, request: requests.PreparedRequest, verify: bool | str, cert: Any
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        found_host, found_pool = HTTPAdapter.build_connection_pool_key_attributes(self, request, verify, cert)
        host, pool = dict(found_host), dict(found_pool)
        name = str(host["host"])
        if self._https:
            pool["assert_hostname"] = pool["server_hostname"] = name
        try:
            found = socket.getaddrinfo(name.strip("[]"), read(request.url or "").port, type=socket.SOCK_STREAM)
        except socket.gaierror as error:
            raise requests.ConnectionError("the name was not resolved") from error
        address = ipaddress.ip_address(found[0][4][0])
        if address.version == 6 and address.ipv4_mapped is not None:
            address = address.ipv4_mapped
        return {**host, "host": f"[{address}]" if address.version == 6 else str(address)}, pool

    def _is_own(self, address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
        """10/8, 172.16/12, 192.168/16, fc00::/7; never link-local, where clouds keep their keys."""
        return any(address in network for network in _OWN if network.version == address.version)
