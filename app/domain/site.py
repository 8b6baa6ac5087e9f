"""What a passkey is bound to: the name of the address people use."""

import ipaddress
from dataclasses import dataclass
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Site:
    """`rp_id` is the host's name, `origin` scheme, host and port, as a browser says them."""

    rp_id: str
    origin: str


def site_of(base_url: str) -> Site | None:
    """The site behind `base_url`; None where browsers make no passkeys: without https, or without a name.

    `localhost` is a name that needs no https; 127.0.0.1 is none (WebAuthn, section 5.1.3).
    """
    address = urlsplit(base_url)
    host = address.hostname or ""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        pass
    else:
        return None
    if not host or (address.scheme != "https" and host != "localhost" and not host.endswith(".localhost")):
        return None
    standard = {"https": 443, "http": 80}.get(address.scheme)
    port = "" if address.port in (None, standard) else f":{address.port}"
    return Site(rp_id=host, origin=f"{address.scheme}://{host}{port}")
