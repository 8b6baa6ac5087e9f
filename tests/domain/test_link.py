"""Which addresses become links."""

import pytest

from app.domain.alert import Link
from app.domain.link import MOST, distinct, web_link

BASE = "http://alertmanager.example.com:9093/am/"


@pytest.mark.parametrize(
    "href",
    [
        "https://wiki.example.com/rb/latency",
        "http://prom.example.com/graph?g0.expr=up%7Bjob%3D%22x%22%7D&g0.tab=0",
        "https://registry.my-netdata.io/goto.html?value=new%20value#top",
        "HTTPS://EXAMPLE.COM/",
        "https://grafana.example.com/d/x?var-env=$__all",
        "http://[::1]:9090/graph",
    ],
)
def test_an_http_address_is_a_link(href: str) -> None:
    assert web_link(href, "Look") == Link(href, "Look")


@pytest.mark.parametrize(
    "href",
    [
        None, "", "  ", "javascript:alert(1)", "JaVaScRiPt:alert(1)", "java\nscript:alert(1)",
        "data:text/html,x",
        "ftp://example.com/x", "file:///etc/passwd", "/graph", "graph", "//example.com/x", "https://", "https:///x",
        "http://user:secret@example.com/", "https://github.com@evil.example/", "http://[oops/", "http://a:99999999/",
        "{$URL}", "$LINK",
        "https://x.example/{$URL}", "https://x.example/${URL}", "https://x.example/{{ .URL }}",
        "https://x.example/{EVENT.ID}", "https://x.example/$HOSTNAME$", 'https://x.example/"><script>',
        "https://x.example/\x00", "https://x.example/" + "a" * 5000,
    ],
)  # fmt: skip
def test_SEC20_anything_else_is_dropped(href: str | None) -> None:
    assert web_link(href, "Look") is None


def test_a_relative_address_is_resolved_against_the_source() -> None:
    assert web_link("graph?x=1", base=BASE) == Link(f"{BASE}graph?x=1", "alertmanager.example.com")
    assert web_link("/graph", base=BASE) == Link(
        "http://alertmanager.example.com:9093/graph", "alertmanager.example.com"
    )
    assert web_link("javascript:x", base=BASE) is None
    assert web_link("/graph", base="not an address") is None


def test_a_link_without_words_shows_its_host() -> None:
    assert web_link("https://dash.example.com/x", " ") == Link("https://dash.example.com/x", "dash.example.com")


def test_each_address_is_kept_once_and_only_so_many() -> None:
    first, again = Link("https://a.example/", "first"), Link("https://a.example/", "again")
    assert distinct([None, first, again]) == (first,)
    assert len(distinct(Link(f"https://a.example/{n}", "x") for n in range(MOST + 5))) == MOST
