"""Three hundred and more texts that try to become code wherever they are shown (SEC-20), and how a page betrays
that one did.

Put together from what a text may break out of, what it may start, and how it may be written; the idea of each
is common knowledge among those who defend web pages.
"""

from html.parser import HTMLParser

CALL = "window.pwned=1"  # what every one of them would run

_STARTS = (
    "<script>{}</script>",
    "<script src=data:text/javascript,{}></script>",
    "<img src=x onerror={}>",
    "<img src=x onerror='{}'>",
    "<svg onload={}>",
    "<svg><script>{}</script></svg>",
    "<svg><animate onbegin={} attributeName=x dur=1s>",
    "<body onload={}>",
    "<details open ontoggle={}>",
    "<input autofocus onfocus={}>",
    "<select autofocus onfocus={}>",
    "<video><source onerror={}></video>",
    "<audio src=x onerror={}>",
    "<iframe srcdoc='<script>parent.{}</script>'></iframe>",
    "<iframe src='javascript:parent.{}'></iframe>",
    "<object data='javascript:{}'></object>",
    "<embed src='javascript:{}'>",
    "<a href='javascript:{}'>tap</a>",
    "<form action='javascript:{}'><button>tap</button></form>",
    "<button formaction='javascript:{}'>tap</button>",
    "<math><mtext><img src=x onerror={}></mtext></math>",
    "<template><script>{}</script></template>",
    "<meta http-equiv=refresh content='0;url=javascript:{}'>",
    "<base href='javascript:{}//'>",
    "<link rel=import href='data:text/html,<script>{}</script>'>",
    "<style>@import 'javascript:{}';</style>",
    "<marquee onstart={}>",
    "<local-time datetime='x' onclick={}>",
)
_BREAKS = ("", '">', "'>", "</title>", "</textarea>", "</script>", "-->", "]]>", "</p></main>", '" x="', '\\">')
_ATTRIBUTES = ('" onmouseover={} x="', "' onfocus={} autofocus='", "` onclick={} `", " onpointerenter={} ")
_ELSEWHERE = (
    "javascript:{}",
    "JaVaScRiPt:{}",
    "java\tscript:{}",
    " javascript:{}",
    "data:text/html,<script>{}</script>",
    "vbscript:{}",
    'https://ok.example/"><script>{}</script>',
    "https://ok.example/' onclick='{}",
    "{{{{7*7}}}}",
    "{{{{config}}}}",
    "{{% print(7*7) %}}",
    "${{7*7}}",
    "#{{7*7}}",
    "<%= 7*7 %>",
    "{{{{''.__class__.__mro__}}}}",
    "&lt;script&gt;{}&lt;/script&gt;",
    "%3Cscript%3E{}%3C/script%3E",
    "\\u003cscript\\u003e{}\\u003c/script\\u003e",
    "<scr\x00ipt>{}</scr\x00ipt>",
    "<scr<script>ipt>{}</scr</script>ipt>",
    "＜script＞{}＜/script＞",
    "+ADw-script+AD4-{}+ADw-/script+AD4-",
    "<!--<img src='--><img src=x onerror={}>'>",
    "<![CDATA[<script>{}</script>]]>",
)


def payloads() -> list[str]:
    """All of them, each once."""
    broken = [cut + start.format(CALL) for cut in _BREAKS for start in _STARTS]
    rest = [text.format(CALL) for text in (*_ATTRIBUTES, *_ELSEWHERE)]
    return list(dict.fromkeys(broken + rest))


class Reader(HTMLParser):
    """Reads a page as a browser would, and keeps what could run."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.faults: list[str] = []
        self.said: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag in ("iframe", "object", "embed", "base", "math", "marquee", "audio", "video", "style"):
            self.faults.append(f"<{tag}>")
        if tag == "script" and not given.get("src", "").startswith("/static/"):
            self.faults.append(f"<script {given}>")
        for name, value in given.items():
            address = "".join(value.split()).lower()
            if name.startswith("on") or CALL in name:
                self.faults.append(f"<{tag} {name}={value}>")
            if name in ("href", "src", "action", "formaction", "data") and address.startswith(
                ("javascript:", "vbscript:", "data:text")
            ):
                self.faults.append(f"<{tag} {name}={value}>")

    def handle_data(self, data: str) -> None:
        self.said.append(data)


def faults_in(page: str) -> list[str]:
    """What of a page's markup would run or load something that is not ours."""
    reader = Reader()
    reader.feed(page)
    reader.close()
    return reader.faults


def words_of(page: str) -> str:
    """What a page says, markup left out."""
    reader = Reader()
    reader.feed(page)
    reader.close()
    return "".join(reader.said)
