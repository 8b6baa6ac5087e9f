"""Draw a paper as a PDF: its headings, Markdown, lines and tables, and nothing from anywhere else.

The reader of Markdown gives tokens, which are drawn here one by one: no HTML, no picture, no address but of the
web and of mail. A sign that the font has no shape for is drawn as the sign for that.
"""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Protocol

import font_roboto
from fontTools.ttLib import TTFont
from fpdf import FPDF
from fpdf.enums import XPos, YPos
from markdown_it.token import Token

from app.web.markdown import plain_lines, tokens

FONT, SIZE, LINE = "Roboto", 10, 5.2  # points, and millimetres from line to line
FILES = Path(font_roboto.__file__).parent / "files"
STYLES = {"": "Regular", "B": "Bold", "I": "Italic", "BI": "BoldItalic"}
INK, MUTED, RULE, SUNKEN = (19, 26, 38), (70, 81, 102), (216, 221, 230), (233, 236, 242)
MARGIN, STEP, DEEPEST = 20, 6, 6  # millimetres; how many steps text is moved in at most
MOST_COLUMNS = 12  # of a table; a wider one is drawn as lines
NO_SHAPE = "\ufffd"
WEB = ("http://", "https://", "mailto:")


class Section(Protocol):
    @property
    def title(self) -> str: ...
    @property
    def prose(self) -> str: ...
    @property
    def lines(self) -> Sequence[tuple[str, str]]: ...
    @property
    def columns(self) -> Sequence[str]: ...
    @property
    def rows(self) -> Sequence[Sequence[str]]: ...
    @property
    def note(self) -> str: ...


class Paper(Protocol):
    @property
    def title(self) -> str: ...
    @property
    def facts(self) -> Sequence[str]: ...
    @property
    def sections(self) -> Sequence[Section]: ...


def as_pdf(paper: Paper) -> bytes:
    """The whole paper, on A4."""
    sheet = _Sheet(paper.title)
    sheet.heading(paper.title, 18)
    for fact in paper.facts:
        sheet.words(fact, colour=MUTED)
    for section in paper.sections:
        sheet.heading(section.title, 13)
        sheet.markdown(section.prose)
        for when, what in section.lines:
            sheet.moment(when, what)
        if section.rows:
            sheet.grid([section.columns, *section.rows])
        if section.note:
            sheet.words(section.note, colour=MUTED)
    return bytes(sheet.output())


class _Sheet(FPDF):
    """Pages with the title and the number of the page below."""

    def __init__(self, title: str) -> None:
        super().__init__(format="A4")
        for style, name in STYLES.items():
            self.add_font(FONT, style, FILES / f"Roboto-{name}.ttf")
        self._has = set(TTFont(FILES / "Roboto-Regular.ttf").getBestCmap() or ())
        self.title_below = self._drawable(title)
        self.set_title(self.title_below)
        self.set_creator("Nightbell")
        self.set_lang("en")
        self.set_margin(MARGIN)
        self.c_margin = 0
        self._widths: dict[tuple[str, float], dict[str, float]] = {}
        self.set_auto_page_break(True, margin=MARGIN)
        self.add_page()

    def footer(self) -> None:
        self.set_y(-14)
        self._pen("", 8, MUTED)
        words = self.title_below if len(self.title_below) <= 90 else f"{self.title_below[:89]}…"
        self.cell(0, LINE, f"{words} · page {self.page_no()}")

    def heading(self, words: str, size: float) -> None:
        self.ln(4)
        if self.will_page_break(4 * LINE):
            self.add_page()
        self._flow(words, "B", size, INK, height=size * 0.5)
        self.ln(size * 0.5 + 1)

    def words(self, words: str, *, colour: tuple[int, int, int] = INK) -> None:
        self._flow(words, "", SIZE, colour)
        self.ln(LINE)

    def moment(self, when: str, what: str) -> None:
        if self.will_page_break(2 * LINE):
            self.add_page()
        self._flow(when, "B", SIZE - 1, MUTED)
        self.ln(LINE)
        self.words(what)
        self.ln(1.5)

    def grid(self, rows: Sequence[Sequence[str]]) -> None:
        wide = max(len(row) for row in rows)
        if wide > MOST_COLUMNS:
            for row in rows:
                self.words(" · ".join(row))
            return
        self.ln(1)
        self._pen("", SIZE - 2, INK)
        self.set_draw_color(*RULE)
        with self.table(line_height=LINE - 1, text_align="LEFT", padding=1) as drawn:
            for row in rows:
                line = drawn.row()
                for cell in (*row, *("" for _ in range(wide - len(row)))):
                    line.cell(self._drawable(cell))
        self.ln(2)

    def markdown(self, text: str) -> None:
        """What people wrote. What is too much to read is drawn as it is written."""
        read = tokens(text)
        if read is None:
            self.words(plain_lines(text))
            return
        _Walk(self).draw(read)
        self.set_left_margin(MARGIN)

    def run(self, words: str, *, style: str = "", size: float = SIZE, link: str = "") -> None:
        """Words of a paragraph, where the last ones ended."""
        self._flow(words, f"{style}U" if link else style, size, INK, link=link)

    def box(self, words: str) -> None:
        """Lines that stay lines, as of a program."""
        self._pen("", SIZE - 1, INK)
        self.set_fill_color(*SUNKEN)
        for line in words.split("\n"):
            for piece in self._broken(line, self.epw - (self.l_margin - MARGIN), self.epw, keep=True):
                self.cell(0, LINE, piece, fill=True, new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        self.set_fill_color(self.DEFAULT_FILL_COLOR)  # a table would take the one it finds
        self.ln(1)

    def indent(self, steps: int) -> None:
        self.set_left_margin(MARGIN + STEP * max(0, min(steps, DEEPEST)))
        self.set_x(self.l_margin)

    def _flow(
        self, words: str, style: str, size: float, colour: tuple[int, int, int], *, link: str = "",
        height: float = LINE,
    ) -> None:  # fmt: skip
        """The library's own flow measures a line anew for every letter: 300 entries took it seconds."""
        self._pen(style, size, colour)
        right = self.w - self.r_margin
        for number, piece in enumerate(self._broken(words, right - self.x, right - self.l_margin)):
            if number:
                self.ln(height)
            if piece:
                self.cell(self._wide(piece), height, piece, link=link)

    def _broken(self, words: str, first: float, full: float, *, keep: bool = False) -> Iterator[str]:
        """Pieces of which the first is at most `first` wide and the others `full`, broken at spaces where that
        is possible. `keep` the spaces as they are.
        """
        room, line, wide = first, "", 0.0
        for word in re.findall(r"\s+|\S+", self._drawable(words)):
            if word.isspace() and not keep:
                word = " "
            length = self._wide(word)
            if wide + length <= room:
                line, wide = line + word, wide + length
                continue
            yield line.rstrip()
            room, line, wide = full, "", 0.0
            for letter in "" if word.isspace() else word:
                length = self._wide(letter)
                if line and wide + length > room:
                    yield line
                    line, wide = "", 0.0
                line, wide = line + letter, wide + length
        yield line

    def _wide(self, words: str) -> float:
        known = self._widths.setdefault((self.font_style, self.font_size_pt), {})
        total = 0.0
        for letter in words:
            if letter not in known:
                known[letter] = self.get_string_width(letter)
            total += known[letter]
        return total

    def _pen(self, style: str, size: float, colour: tuple[int, int, int]) -> None:
        self.set_font(FONT, style, size)
        self.set_text_color(*colour)

    def _drawable(self, words: str) -> str:
        return "".join(
            each if each == "\n" or ord(each) in self._has else " " if each.isspace() else NO_SHAPE
            for each in words
        )


class _Walk:
    """Over the tokens of a text, in order."""

    def __init__(self, sheet: _Sheet) -> None:
        self._sheet, self._depth = sheet, 0
        self._counts: list[int | None] = []  # of each list that is open: the next number, None without numbers
        self._style, self._size = "", float(SIZE)
        self._rows: list[list[str]] | None = None

    def draw(self, read: Sequence[Token]) -> None:
        for token in read:
            self._one(token)

    def _one(self, token: Token) -> None:
        match token.type:
            case "heading_open":
                self._sheet.ln(2)
                self._style, self._size = "B", 11.0
            case "heading_close" | "paragraph_close":
                self._style, self._size = "", float(SIZE)
                self._sheet.ln(LINE + (0 if self._counts else 1.5))
            case "bullet_list_open" | "ordered_list_open":
                self._counts.append(
                    None if token.type.startswith("bullet") else int(token.attrGet("start") or 1)
                )
                self._move(1)
            case "bullet_list_close" | "ordered_list_close":
                self._counts.pop()
                self._move(-1)
                self._sheet.ln(1)
            case "list_item_open":
                self._mark()
            case "blockquote_open":
                self._move(1)
            case "blockquote_close":
                self._move(-1)
            case "table_open":
                self._rows = []
            case "tr_open":
                self._table().append([])
            case "table_close":
                self._sheet.grid(self._table())
                self._rows = None
            case "hr":
                self._sheet.ln(LINE)
            case "fence" | "code_block":
                self._sheet.box(token.content.rstrip("\n"))
            case "inline":
                self._inline(token)

    def _inline(self, token: Token) -> None:
        children = token.children or []
        if self._rows is not None:
            words = "".join(each.content if each.type != "softbreak" else " " for each in children)
            self._table()[-1].append(words)
            return
        bold = slanted = 0
        links: list[str] = []
        for each in children:
            match each.type:
                case "strong_open" | "strong_close":
                    bold += each.nesting
                case "em_open" | "em_close":
                    slanted += each.nesting
                case "link_open":
                    address = str(each.attrGet("href") or "")
                    links.append(address if address.lower().startswith(WEB) else "")
                case "link_close":
                    links.pop()
                case "softbreak":
                    self._sheet.run(" ")
                case "hardbreak":
                    self._sheet.ln(LINE)
                case "image":
                    self._sheet.run(each.content or "picture")
                case _:
                    style = ("B" if bold or "B" in self._style else "") + ("I" if slanted else "")
                    self._sheet.run(each.content, style=style, size=self._size, link=links[-1] if links else "")

    def _mark(self) -> None:
        """The sign or number of a line of a list, to the left of its text."""
        count = self._counts[-1] if self._counts else None
        if count is not None:
            self._counts[-1] = count + 1
        self._sheet.set_x(self._sheet.l_margin - STEP + 1)
        self._sheet.run("•" if count is None else f"{count}.")
        self._sheet.set_x(max(self._sheet.get_x() + 1, self._sheet.l_margin))

    def _move(self, steps: int) -> None:
        self._depth += steps
        self._sheet.indent(self._depth)

    def _table(self) -> list[list[str]]:
        if self._rows is None:
            self._rows = []
        return self._rows
