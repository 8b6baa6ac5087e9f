"""How an address of the web is read: by every part of Nightbell alike, or not at all."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

import requests

# Only what every URL reader reads alike: a backslash, a userinfo or a stray character is refused, not guessed.
_URL = re.compile(
    r"(?P<scheme>https?)://(?P<host>[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?|\[[0-9a-f:.]+\])(?::(?P<port>[0-9]{1,5}))?"
    r"(?:[/?][a-z0-9._~!$&'()*+,;=:@%/?-]*)?",
    re.IGNORECASE,
)
STANDARD_PORTS = {"https": 443, "http": 80}


class RefusedAddress(requests.RequestException):
    """We do not call this address, and did not; the message says why without repeating the address."""


@dataclass(frozen=True)
class Target:
    """Where a URL leads."""

    scheme: str
    host: str  # lower case, an IPv6 address without its brackets
    port: int

    def is_one_of(self, hosts: Iterable[str]) -> bool:
        """Whether the operator named it: `host` for all its ports, or `host:port`."""
        return any(named.lower() in (self._shown, f"{self._shown}:{self.port}") for named in hosts)

    @property
    def authority(self) -> str:
        """As a Host header says it: with its port unless that is the scheme's own."""
        return self._shown if self.port == STANDARD_PORTS[self.scheme] else f"{self._shown}:{self.port}"

    @property
    def _shown(self) -> str:
        return f"[{self.host}]" if ":" in self.host else self.host


@lru_cache(maxsize=256)  # a call reads its address five times
def read(url: str) -> Target:
    """Where it leads, whoever it belongs to. Raises RefusedAddress."""
    match = _URL.fullmatch(url)
    if match is None or len(url) > 2048:
        raise RefusedAddress("not a plain web address")
    scheme = match["scheme"].lower()
    return Target(scheme, match["host"].lower().strip("[]"), int(match["port"] or STANDARD_PORTS[scheme]))


def target(url: str, *, named_hosts: Iterable[str] = ()) -> Target:
    """Where it leads, if we may go there: hosts the operator named may be reached by http and on any port.

    Raises RefusedAddress.
    """
    found = read(url)
    if not found.is_one_of(named_hosts):
        if found.scheme != "https":
            raise RefusedAddress("only https is called")
        if found.port != 443:
            raise RefusedAddress("only port 443 is called")
    return found
