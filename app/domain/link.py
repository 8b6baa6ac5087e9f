"""Which of the addresses a source sends may become a link on a screen."""

import re
from collections.abc import Iterable
from urllib.parse import urljoin, urlsplit

from app.domain.alert import Link
from app.domain.text import one_line

LONGEST = 4096
MOST = 20

# What template languages leave behind when a name has no value: {$URL}, ${URL}, {{ .URL }}, {EVENT.URL}, $LINK.
_UNREPLACED = re.compile(r"\{\$|\$\{|\{\{|\{[A-Z]+(?:\.[A-Z0-9]+)+\}|\$[A-Z_]{2,}\b")
_NOT_IN_ADDRESSES = re.compile('[\x00-\x20\x7f-\xa0\\\\<>"\u2028\u2029\ud800-\udfff]')


def web_link(href: str | None, text: str | None = None, *, base: str | None = None) -> Link | None:
    """The address as a link, or None when it is not one a person should follow.

    Only http and https with a host and without a password in it. A relative address is resolved against `base`,
    the source's own address, when there is one. An address with an unreplaced macro leads nowhere and is
    dropped.
    """
    address = (href or "").strip()
    if not address or len(address) > LONGEST or _UNREPLACED.search(address):
        return None
    # A space is the one mistake browsers forgive and people make; everything else stays refused.
    address = address.replace(" ", "%20")
    if _NOT_IN_ADDRESSES.search(address):
        return None
    try:
        if base and not urlsplit(address).scheme:
            address = urljoin(base, address)
        parts = urlsplit(address)
        host = parts.hostname
        _ = parts.port  # reading it is what checks it
    except ValueError:
        return None
    if parts.scheme.lower() not in {"http", "https"} or not host or "@" in parts.netloc:
        return None
    return Link(address, one_line(text or "", limit=200) or host)


def distinct(links: Iterable[Link | None]) -> tuple[Link, ...]:
    """The links that are links, each address once, in order, at most `MOST`."""
    by_address: dict[str, Link] = {}
    for link in links:
        if link is not None:
            by_address.setdefault(link.href, link)
    return tuple(by_address.values())[:MOST]
