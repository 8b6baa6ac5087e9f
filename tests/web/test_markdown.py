"""Markdown of people becomes HTML that does nothing (SEC-21)."""

import pytest

from app.web.markdown import markdown, markdown_line


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script>",
        '<img src=x onerror="alert(1)">',
        "[x](javascript:alert(1))",
        "[x](JaVaScRiPt:alert(1))",
        "[x](&#106;avascript:alert(1))",
        "[x](data:text/html,x)",
        "[x](vbscript:x)",
        "[x](//evil.example)",
        "<javascript:alert(1)>",
        "[x]: javascript:alert(1)\n\n[x]",
        '[a](https://ok.example "t\\" onmouseover=alert(1)")',
        "![x](javascript:alert(1))",
    ],
)
def test_SEC21_no_html_no_script_and_no_strange_address_comes_through(hostile: str) -> None:
    for html in (markdown(hostile), markdown_line(hostile)):
        assert "<script" not in html
        assert "<img" not in html
        for address in ('href="java', 'href="data', 'href="vb', 'href="//', 'href="JaVa'):
            assert address not in html
        assert " onmouseover=" not in html.replace("&quot; onmouseover=", "")


def test_SEC21_a_picture_is_a_link_and_links_tell_nobody_where_one_came_from() -> None:
    html = markdown("![graph](https://grafana.example/x.png) and [run](https://wiki.example)")
    assert "<img" not in html
    assert html.count('rel="noopener noreferrer nofollow"') == 2


def test_what_is_meant_comes_through() -> None:
    html = markdown("# Steps\n\n- **one**\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n`code`")
    for words in ("<h1>Steps</h1>", "<strong>one</strong>", "<td>1</td>", "<code>code</code>"):
        assert words in html


@pytest.mark.parametrize("sign", ["[", "![", "*a ", "**a *b ", "[a](", "_"])
def test_SEC21_a_hundred_kilobytes_made_to_be_slow_are_shown_as_they_are(sign: str) -> None:
    assert markdown(sign * (100_000 // len(sign))).startswith('<p class="steps">')


def test_SEC21_deep_nesting_ends() -> None:
    assert markdown(">" * 50_000 + "\n" + "- " * 50_000)


def test_what_stands_after_deep_nesting_is_not_lost() -> None:
    assert "the end" in markdown("- " * 40 + "deep\n\nthe end")
    assert "<strong>the end</strong>" in markdown("- " * 8 + "deep\n\n**the end**")
