"""Markdown of people as HTML of ours (SEC-21): no HTML passes through, no address but of the web and of mail.

No image is fetched from anywhere: it is shown as a link. What takes long to read,
or is nested too deep to be read to its end, is shown as it is.
"""

from collections.abc import Sequence
from functools import cache
from urllib.parse import urlsplit

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict
from markupsafe import Markup, escape

from app.web.words import plain

SCHEMES = frozenset({"http", "https", "mailto"})
LONGEST = 100_000  # characters
DEEPEST = 20
MOST_SIGNS = 8_000  # brackets and stars: a reader needs ever longer for more of them


def markdown(text: str) -> Markup:
    """The text as HTML, safe to put into a page."""
    read, reader = tokens(text), _reader()
    if read is None:
        return Markup('<p class="steps">{}</p>').format(plain_lines(text))
    shown = reader.renderer.render(read, reader.options, {})
    return Markup(shown)  # nosec B704 - HTML is off, links are checked


def tokens(text: str) -> list[Token] | None:
    """The text as it was read; None for what takes too long, or is nested so deep that its end is lost."""
    if sum(map(text.count, "[*_")) > MOST_SIGNS:
        return None
    read = _reader().parse(plain_lines(text))
    return None if any(each.level >= DEEPEST - 1 and each.nesting == 1 for each in read) else read


def markdown_line(text: str) -> Markup:
    """One line of it, without a paragraph around."""
    if sum(map(text.count, "[*_")) > MOST_SIGNS:
        return Markup.escape(plain_lines(text))
    return Markup(_reader().renderInline(plain_lines(text)))  # nosec B704 - as above


def plain_lines(text: str) -> str:
    """The text without signs that nobody sees or that turn the direction of what follows."""
    return "\n".join(plain(line) for line in text[:LONGEST].split("\n"))


def _is_harmless(address: str) -> bool:
    try:
        parts = urlsplit(address.strip())
    except ValueError:
        return False
    if not parts.scheme and not parts.netloc:
        return address.startswith(("/", "#")) and not address.startswith(("//", "/\\"))
    return parts.scheme.lower() in SCHEMES


def _image(
    renderer: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType
) -> str:
    """A picture would tell another server who reads this: a link to it does not, before it is pressed."""
    token = tokens[index]
    words = renderer.renderInlineAsText(token.children or [], options, env) or "picture"
    return (
        f'<a href="{escape(token.attrGet("src") or "")}" rel="noopener noreferrer nofollow">{escape(words)}</a>'
    )


def _link_open(
    renderer: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType
) -> str:
    tokens[index].attrSet("rel", "noopener noreferrer nofollow")
    return renderer.renderToken(tokens, index, options, env)


@cache
def _reader() -> MarkdownIt:
    reader = MarkdownIt("commonmark", {"html": False, "maxNesting": DEEPEST}).enable("table")
    reader.validateLink = _is_harmless  # type: ignore[method-assign,assignment]
    reader.add_render_rule("image", _image)
    reader.add_render_rule("link_open", _link_open)
    return reader
