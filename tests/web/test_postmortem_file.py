"""A postmortem taken along: Markdown, HTML and PDF with the same words, and nothing hostile in them."""

import re
import zlib

import pytest
from flask.testing import FlaskClient

from app.database import db, transaction
from app.engine.learning import open_postmortems
from app.learning.models import PostmortemEntry
from app.web.paper_pdf import as_pdf
from app.web.postmortem_file import Paper, Section
from tests.support.browser_forms import post
from tests.support.world import World
from tests.web.conftest import SeenBy

HOSTILE = (
    "A **unit** in ms <script>alert(1)</script> [x](javascript:alert(1)) ![y](https://evil.example/p.png)\n\n"
    + "- " * 8 + "deep\n\n" + "x" * 5000 + "\n\n|a|b|\n|-|-|\n|1|2|\n\n\u202egnp.exe \x07"
)  # fmt: skip


@pytest.fixture
def ada(world: World, seen_by: SeenBy) -> FlaskClient:
    world.fire("Checkout <b>errors</b> at 14 %")
    world.tick()
    world.promote(world.cast.ada)
    client = seen_by(world.cast.ada)
    post(client, "/incidents/1/resolution", {"resolution": "Rolled back"}, page="/incidents/1")
    open_postmortems()
    where = "/postmortems/1/parts/cause"
    post(client, where, {"text": HOSTILE, "seen": "1"}, page=where)
    with transaction():
        for number in range(290):
            at = world.now
            db.session.add(PostmortemEntry(postmortem_id=1, at=at, words=f"Line {number} *not bold* <i>"))
    return client


def test_S65_S66_S68_the_same_words_in_markdown_html_and_pdf(ada: FlaskClient) -> None:
    written = ada.get("/postmortems/1/file.md").text
    assert written.startswith("# Postmortem: Checkout \\<b\\>errors\\</b\\> at 14 %")
    assert "## What caused it" in written
    assert "Line 289 \\*not bold\\*" in written
    page = ada.get("/postmortems/1/file.html")
    assert page.headers["Content-Disposition"] == 'attachment; filename="postmortem-INC-1.html"'
    assert "<strong>unit</strong>" in page.text
    assert "Line 289 *not bold* &lt;i&gt;" in page.text
    assert "<td>2</td>" in page.text
    assert not re.search(r"<script|<img|javascript:alert\(1\)\"", page.text)
    drawn = ada.get("/postmortems/1/file.pdf")
    assert drawn.mimetype == "application/pdf"
    assert drawn.data.startswith(b"%PDF-")
    assert drawn.data.count(b"/Type /Page\n") > 5  # 300 entries
    assert b"javascript" not in drawn.data
    assert b"evil.example" not in b"".join(_streams(drawn.data))
    assert ada.get("/postmortems/1/file.exe").status_code == 404


def test_a_table_of_hundreds_of_columns_and_letters_without_a_shape_are_drawn_all_the_same() -> None:
    wide = "|" + "a|" * 300 + "\n|" + "-|" * 300 + "\n|" + "x|" * 300
    sections = (Section("日本 ✓", wide, lines=(("when", "\ud83d\ude00 " * 50),)), Section("", "*" * 9000))
    assert as_pdf(Paper("→" * 300, (), sections)).startswith(b"%PDF-")


def test_a_table_after_lines_of_a_program_is_not_filled_as_they_are() -> None:
    prose = "```\none line\n```\n\n|a|b|\n|-|-|\n|1|2|\n"
    drawn = b"".join(_streams(as_pdf(Paper("T", (), (Section("S", prose),)))))
    assert len(re.findall(rb" re (?:f|B)\b", drawn)) == 1


def _streams(data: bytes) -> list[bytes]:
    found = []
    for each in re.findall(rb"stream\r?\n(.*?)endstream", data, re.DOTALL):
        try:
            found.append(zlib.decompress(each))
        except zlib.error:
            found.append(each)
    return found
