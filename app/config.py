"""Settings: read from the environment once, checked at start, every problem named at once."""

import base64
import os
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile
from urllib.parse import urlsplit

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

PREFIX = "NIGHTBELL_"
_HOST = re.compile(r"[A-Za-z0-9._-]+(:[0-9]{1,5})?|\[[0-9a-fA-F:]+\](:[0-9]{1,5})?")
_ADDRESS = re.compile(r"[^@\s<>,;\"]+@[^@\s<>,;\"]+")
_NUMBER = re.compile(r"\+[1-9][0-9]{6,14}")  # E.164
VAPID_FILE = "vapid_private_key"  # in the instance directory, when no setting holds it
VAPID_PREVIOUS_FILE = "vapid_previous_keys"  # the keys before it, one a line


class ConfigurationError(Exception):
    """What is wrong with the settings; `problems` holds one sentence each."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


@dataclass(frozen=True)
class Settings:
    """What an operator may set: NIGHTBELL_<NAME>, or NIGHTBELL_<NAME>_FILE naming a file that holds it."""

    instance_dir: Path  # where the database, the keys and the engine's socket live; default ./instance
    database_url: str  # sqlite:///… or postgresql://…; default one SQLite file in the instance directory
    base_url: str  # the address people and phones use, without a trailing slash
    secret_key: str  # signs sessions and tokens; made once when unset
    vapid_private_key: str  # the push identity, base64url; losing it silences every phone
    vapid_subject: str  # mailto: or https: contact that push services may use
    vapid_previous_keys: tuple[str, ...] = ()  # older push identities that phones may still be bound to
    push_hosts: tuple[str, ...] = ()  # extra push hosts, host or host:port, reached by http and on loopback too
    status_url: str | None = None  # the public status page's own address, where nothing else is answered
    hosts: tuple[str, ...] = ()  # further names it answers at, besides that of base_url and this machine's own
    heartbeat_url: str | None = None  # called while tick, auditor and canary are well
    canary_url: str | None = None  # where the engine finds our own web; default base_url; "off": no canary
    smtp_url: str | None = None  # the server that takes our mail
    mail_from: str | None = None  # the address mail comes from; default nightbell@ and the base URL's host
    trusted_proxies: int = (
        0  # how many proxies before us write X-Forwarded-For; more would let senders forge it
    )
    oidc_issuer: str | None = None  # the single sign-on provider's own address
    oidc_client_id: str | None = None  # who we are there
    oidc_client_secret: str | None = None
    oidc_name: str = "single sign-on"  # what the button calls it
    push_gap: int = 10  # seconds between two pages of one service on one device; what waits goes together
    shown_within: int = 45  # seconds a device has to show a page before the next ones are asked
    twilio_account_sid: str | None = None  # the account with a telephone provider: texts and calls
    twilio_auth_token: str | None = None
    twilio_from: str | None = None  # the number there that we text and call from
    twilio_url: str = "https://api.twilio.com"  # another provider that speaks the same API
    slack_token: str | None = None  # a bot's, with channels:manage: makes an incident's channel
    slack_signing_secret: str | None = None  # the Slack app's: what it tells of pins is signed with it
    slack_url: str = "https://slack.com"  # another place that speaks the same API
    private_hosts: tuple[str, ...] = ()  # host or host:port of our own network that may be called (SEC-3)

    @property
    def proven_at(self) -> str | None:
        """The address by which the paging path is proven every minute; None where it is not to be."""
        if self.canary_url == "off":
            return None
        return (self.canary_url or self.base_url).rstrip("/")

    @property
    def status_base(self) -> str:
        """Where people outside read the public status page."""
        return (self.status_url or self.base_url).rstrip("/")

    @property
    def on_sqlite(self) -> bool:
        return self.database_url.startswith("sqlite")

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] = os.environ) -> "Settings":
        """Read them all; unset keys are made once and kept in the instance directory with mode 0600.

        Raises ConfigurationError naming every problem.
        """
        problems: list[str] = []
        given = {name: _given(environ, name, problems) for name in _NAMES}
        instance = Path(given["INSTANCE_DIR"] or "instance").absolute()
        try:
            instance.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ConfigurationError(
                [*problems, f"{PREFIX}INSTANCE_DIR: cannot make {instance}: {error.strerror}"]
            ) from error
        settings = cls(
            instance_dir=instance,
            database_url=driver_of(given["DATABASE_URL"] or f"sqlite:///{instance / 'nightbell.db'}"),
            base_url=(given["BASE_URL"] or "http://127.0.0.1:8000").rstrip("/"),
            secret_key=given["SECRET_KEY"] or _kept(instance / "secret_key", lambda: secrets.token_urlsafe(48)),
            vapid_private_key=given["VAPID_PRIVATE_KEY"] or _kept(instance / VAPID_FILE, new_vapid_key),
            vapid_subject=given["VAPID_SUBJECT"] or "mailto:operator@nightbell.invalid",
            vapid_previous_keys=_listed(given["VAPID_PREVIOUS_KEYS"]) or _lines(instance / VAPID_PREVIOUS_FILE),
            push_hosts=_listed(given["PUSH_HOSTS"]),
            status_url=given["STATUS_URL"],
            hosts=tuple(host.lower() for host in _listed(given["HOSTS"])),
            heartbeat_url=given["HEARTBEAT_URL"],
            canary_url=given["CANARY_URL"],
            smtp_url=given["SMTP_URL"],
            mail_from=given["MAIL_FROM"],
            trusted_proxies=_count(given["TRUSTED_PROXIES"], "TRUSTED_PROXIES", problems),
            oidc_issuer=given["OIDC_ISSUER"],
            oidc_client_id=given["OIDC_CLIENT_ID"],
            oidc_client_secret=given["OIDC_CLIENT_SECRET"],
            oidc_name=given["OIDC_NAME"] or cls.oidc_name,
            push_gap=_push_gap(given["PUSH_GAP"], problems),
            shown_within=_shown_within(given["SHOWN_WITHIN"], problems),
            slack_token=given["SLACK_TOKEN"],
            slack_signing_secret=given["SLACK_SIGNING_SECRET"],
            slack_url=(given["SLACK_URL"] or cls.slack_url).rstrip("/"),
            private_hosts=_listed(given["PRIVATE_HOSTS"]),
            twilio_account_sid=given["TWILIO_ACCOUNT_SID"],
            twilio_auth_token=given["TWILIO_AUTH_TOKEN"],
            twilio_from=given["TWILIO_FROM"],
            twilio_url=(given["TWILIO_URL"] or cls.twilio_url).rstrip("/"),
        )
        problems += settings.problems()
        if problems:
            raise ConfigurationError(problems)
        return settings

    def problems(self) -> list[str]:
        """What an operator must mend before a page can be trusted to go out, one sentence each."""
        found = []
        if not self.database_url.startswith(("sqlite:///", "postgresql+psycopg://")):
            found.append(f"{PREFIX}DATABASE_URL: expected sqlite:///… or postgresql://…")
        if urlsplit(self.base_url).scheme not in ("http", "https") or not urlsplit(self.base_url).netloc:
            found.append(f"{PREFIX}BASE_URL: expected https://host, got {self.base_url!r}")
        if len(self.secret_key) < 32:
            found.append(f"{PREFIX}SECRET_KEY: at least 32 characters, got {len(self.secret_key)}")
        if not self.vapid_subject.startswith(("mailto:", "https:")):
            found.append(f"{PREFIX}VAPID_SUBJECT: expected mailto:… or https:…, got {self.vapid_subject!r}")
        for name, hosts in (("PUSH_HOSTS", self.push_hosts), ("PRIVATE_HOSTS", self.private_hosts)):
            for host in hosts:
                if not _HOST.fullmatch(host):
                    found.append(f"{PREFIX}{name}: expected host or host:port, got {host!r}")
        if self.heartbeat_url and urlsplit(self.heartbeat_url).scheme not in ("http", "https"):
            found.append(f"{PREFIX}HEARTBEAT_URL: expected https://…, got {self.heartbeat_url!r}")
        if self.canary_url not in (None, "off") and urlsplit(self.canary_url).scheme not in ("http", "https"):
            found.append(f"{PREFIX}CANARY_URL: expected https://host or off, got {self.canary_url!r}")
        if self.status_url and urlsplit(self.status_url).scheme not in ("http", "https"):
            found.append(f"{PREFIX}STATUS_URL: expected https://host, got {self.status_url!r}")
        if self.smtp_url and not _is_mail_server(self.smtp_url):
            found.append(f"{PREFIX}SMTP_URL: expected smtp://host:587 or smtps://host:465")
        if self.mail_from and not _ADDRESS.fullmatch(self.mail_from):
            found.append(f"{PREFIX}MAIL_FROM: expected name@host, got {self.mail_from!r}")
        if self.slack_signing_secret and not self.slack_token:
            found.append(f"{PREFIX}SLACK_TOKEN: needed to read what was pinned, as SLACK_SIGNING_SECRET is set")
        return found + self._provider_problems() + self._telephone_problems()

    def _telephone_problems(self) -> list[str]:
        given = {
            "TWILIO_ACCOUNT_SID": self.twilio_account_sid,
            "TWILIO_AUTH_TOKEN": self.twilio_auth_token,
            "TWILIO_FROM": self.twilio_from,
        }
        missing = [name for name, value in given.items() if not value]
        if len(missing) == len(given):
            return []
        found = [f"{PREFIX}{name}: needed for texts and calls, as the others are set" for name in missing]
        if self.twilio_from and not _NUMBER.fullmatch(self.twilio_from):
            found.append(f"{PREFIX}TWILIO_FROM: expected a number such as +442079460000")
        address = urlsplit(self.twilio_url)
        if address.scheme not in ("http", "https") or not address.netloc or address.path or address.query:
            found.append(f"{PREFIX}TWILIO_URL: expected https://host")
        return found

    def _provider_problems(self) -> list[str]:
        given = {
            "OIDC_ISSUER": self.oidc_issuer,
            "OIDC_CLIENT_ID": self.oidc_client_id,
            "OIDC_CLIENT_SECRET": self.oidc_client_secret,
        }
        missing = [name for name, value in given.items() if not value]
        if len(missing) == len(given):
            return []
        found = [f"{PREFIX}{name}: needed for single sign-on, as the others are set" for name in missing]
        address = urlsplit(self.oidc_issuer or "https://unset")
        if address.scheme not in ("http", "https") or not address.netloc or address.query or address.fragment:
            found.append(f"{PREFIX}OIDC_ISSUER: expected https://host, got {self.oidc_issuer!r}")
        return found


_NAMES = (
    "INSTANCE_DIR", "DATABASE_URL", "BASE_URL", "SECRET_KEY", "VAPID_PRIVATE_KEY", "VAPID_SUBJECT",
    "VAPID_PREVIOUS_KEYS", "PUSH_HOSTS", "STATUS_URL", "HOSTS", "HEARTBEAT_URL", "CANARY_URL", "SMTP_URL",
    "MAIL_FROM", "TRUSTED_PROXIES", "OIDC_ISSUER", "OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET", "OIDC_NAME",
    "SHOWN_WITHIN", "PUSH_GAP", "PRIVATE_HOSTS", "TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "TWILIO_FROM",
    "TWILIO_URL", "SLACK_TOKEN", "SLACK_URL", "SLACK_SIGNING_SECRET",
)  # fmt: skip


def _given(environ: Mapping[str, str], name: str, problems: list[str]) -> str | None:
    file = environ.get(f"{PREFIX}{name}_FILE")
    if not file:
        return environ.get(PREFIX + name) or None
    try:
        return Path(file).read_text().strip() or None
    except OSError as error:
        problems.append(f"{PREFIX}{name}_FILE: cannot read {file}: {error.strerror}")
        return None


def _count(text: str | None, name: str, problems: list[str]) -> int:
    """A small whole number; 0 when unset."""
    if text is None:
        return 0
    if text.isascii() and text.isdigit() and int(text) <= 10:
        return int(text)
    problems.append(f"{PREFIX}{name}: expected a whole number from 0 to 10, got {text!r}")
    return 0


def _shown_within(text: str | None, problems: list[str]) -> int:
    """Seconds; what is usual when unset."""
    if text is None:
        return Settings.shown_within
    if text.isascii() and text.isdigit() and 10 <= int(text[:9]) <= 600:
        return int(text)
    problems.append(f"{PREFIX}SHOWN_WITHIN: expected seconds from 10 to 600, got {text!r}")
    return Settings.shown_within


def _push_gap(text: str | None, problems: list[str]) -> int:
    """Seconds; 0 lets every page go by itself."""
    if text is None:
        return Settings.push_gap
    if text.isascii() and text.isdigit() and int(text[:9]) <= 60:
        return int(text)
    problems.append(f"{PREFIX}PUSH_GAP: expected seconds from 0 to 60, got {text!r}")
    return Settings.push_gap


def _is_mail_server(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in ("smtp", "smtps") and bool(parts.hostname) and parts.port != 0
    except ValueError:  # a port that is no number
        return False


def driver_of(url: str) -> str:
    """The one PostgreSQL driver we ship, whatever the address called it."""
    for plain in ("postgresql://", "postgres://"):
        if url.startswith(plain):
            return "postgresql+psycopg://" + url.removeprefix(plain)
    return url


def _kept(path: Path, make: Callable[[], str]) -> str:
    """The secret in `path`, made on the first start. Two processes starting at once agree on one, and one that
    is killed leaves the whole secret there or nothing: an empty one would keep Nightbell from ever starting.
    """
    if path.exists():
        return path.read_text().strip()
    with NamedTemporaryFile("w", dir=path.parent, prefix=f".{path.name}.") as file:  # for its own account alone
        file.write(secret := make())
        file.flush()
        os.fsync(file.fileno())
        try:
            os.link(file.name, path)
        except FileExistsError:
            return path.read_text().strip()
    return secret


def _listed(value: str | None) -> tuple[str, ...]:
    """The parts of a setting that takes several, separated by commas."""
    return tuple(part.strip() for part in (value or "").split(",") if part.strip())


def _lines(path: Path) -> tuple[str, ...]:
    return tuple(path.read_text().split()) if path.exists() else ()


def new_vapid_key() -> str:
    """A fresh private key as NIGHTBELL_VAPID_PRIVATE_KEY takes it: PKCS 8 DER in base64url without padding."""
    der = ec.generate_private_key(ec.SECP256R1()).private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return base64.urlsafe_b64encode(der).rstrip(b"=").decode()
