"""Notebooks are kept clean, run anywhere, and never stand on a network."""

import ast
import json
import re
from pathlib import Path

import jupytext
import nbformat
import pandas as pd
import pytest
from click.testing import CliRunner

import analytics
from analytics import report
from analytics.decide import plain
from tests.support.half_a_year import half_a_year

ROOT = Path(__file__).parent.parent.parent
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
NAMES = {"source", "start", "end", "as_of", "team", "zone", "seed"}
named = pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)


def code_cells(notebook: Path) -> list[nbformat.NotebookNode]:
    return [cell for cell in nbformat.read(notebook, as_version=4).cells if cell.cell_type == "code"]


def words_of(book: nbformat.NotebookNode) -> str:
    outputs = [output for cell in book.cells for output in cell.get("outputs", [])]
    return "\n".join(output.get("data", {}).get("text/markdown", "") for output in outputs)


def figures_of(book: nbformat.NotebookNode) -> list[dict]:
    outputs = [output for cell in book.cells for output in cell.get("outputs", [])]
    return [output["data"][report.FIGURE] for output in outputs if report.FIGURE in output.get("data", {})]


@pytest.fixture(scope="module")
def kernel():
    """One kernel for all: each run begins with nothing left from the one before."""
    with report.kernel() as manager:
        yield manager


def test_there_are_eleven_and_each_question_is_asked_once():
    assert [path.stem[:2] for path in NOTEBOOKS] == [f"{number:02}" for number in range(11)]
    questions = [report.title(nbformat.read(path, as_version=4)) for path in NOTEBOOKS]
    assert len(set(questions)) == 11
    assert all(question.endswith("?") for question in questions)


@named
def test_no_output_is_committed(notebook):
    for cell in code_cells(notebook):
        assert cell.outputs == []
        assert cell.execution_count is None


@named
def test_the_pair_has_not_drifted(notebook):
    book, paired = nbformat.read(notebook, as_version=4), jupytext.read(notebook.with_suffix(".py"))
    assert [(c.cell_type, c.source, c.metadata.get("tags")) for c in paired.cells] == [
        (c.cell_type, c.source, c.metadata.get("tags")) for c in book.cells
    ]


@named
def test_it_is_short_and_its_logic_lives_elsewhere(notebook):
    cells = code_cells(notebook)
    assert len(cells) < 12
    assert cells[0].metadata["tags"] == ["parameters"]
    names = {target.id for line in ast.parse(cells[0].source).body for target in line.targets}
    assert names >= NAMES
    assert names <= {*NAMES, "incident", "changed", "rule", "hold", "slo"}
    for cell in cells:
        for node in ast.walk(ast.parse(cell.source)):
            if isinstance(node, ast.FunctionDef):
                assert node.end_lineno - node.lineno < 3, node.name


@named
def test_it_ends_with_what_to_decide(notebook):
    headings = [c.source for c in nbformat.read(notebook, as_version=4).cells if c.cell_type == "markdown"]
    assert headings[-1].startswith("## What to decide")


OPENS = {
    "00_one_incident": "INC656 (SEV2, Checkout) took 9 d 20 h",
    "01_period_review": "Nothing is unusual about the last whole week",
    "02_response_times": "It takes 3 min 20 s (2 min 39 s to 4 min 17 s) to acknowledge half",
    "03_trends": "150 incidents, 6.4 % more each week (95 % interval +1.5 % to +11.5 % a week)",
    "04_did_it_improve": "Around 23 Nov 2025, time to acknowledge shows no clear change (n 57 and 93)",
    "05_alert_quality": "56 % of 582 judged alerts led to something (95 % interval 52 % to 60 %)",
    "06_rule_backtest": "Holding ",
    "07_pager_load": (
        "668 interruptions in 12 weeks, 229 of them in somebody's sleep (34 %), shared by 12 people."
    ),
    "08_fires_together": "1 group of rules fire together more than chance would have it.",
    "09_budget": "1 of 10 services spent more than the budget of 2 h 1 min that 99.9 % allows; Catalogue",
    "10_data_quality": "Of 148 finished incidents, 72 % lack the start of impact",
}

# of the notebooks whose opening is the same without them
OPEN_ONES_COUNT = {
    "00_one_incident": "n 102 incidents of the service before it",
    "01_period_review": "2 incidents are open",
    "05_alert_quality": "n 1,076 alerts",
    "08_fires_together": "n 150 incidents",
    "09_budget": "n 150 incidents with impact",
    "10_data_quality": "n 159 incidents",
}


@pytest.mark.slow
@named
def test_it_runs_on_the_sample_and_opens_with_its_answer(notebook, kernel):
    book = report.run(notebook, {"source": "sample"}, manager=kernel)
    assert report.answer(book).startswith(OPENS[notebook.stem])
    assert OPEN_ONES_COUNT.get(notebook.stem, "") in words_of(book)
    assert len(figures_of(book)) >= 1
    assert "as of Mon 5 Jan 2026, 00:00 EET" in words_of(book)  # a footer
    assert re.search(r"n \d", words_of(book))
    page = report.page(book)
    assert "Traceback" not in page


@pytest.mark.slow
def test_a_backtest_counts_the_alert_that_still_fires(kernel):
    """Of this rule one of the sample's alerts has not ended: it has lasted until `as_of`."""
    asked = {"source": "sample", "rule": "Backup is late"}
    book = report.run(ROOT / "notebooks" / "06_rule_backtest.ipynb", asked, manager=kernel)
    assert "n 48 alerts" in words_of(book)


@pytest.mark.slow
def test_the_figures_of_response_times_are_those_of_the_trends_page(kernel):
    book = report.run(ROOT / "notebooks" / "02_response_times.ipynb", {"source": "sample"}, manager=kernel)
    tables = analytics.read("sample")
    window = analytics.window(tables, zone="Europe/Riga")
    span = (window.since, window.until, window.as_of, "Europe/Riga")
    same = analytics.review(tables.incidents, *span, events=tables.events)
    drawn = json.loads(same.acknowledge.figure().to_json())
    assert figures_of(book)[0]["data"] == drawn["data"]
    assert same.acknowledge.footer in words_of(book)


@pytest.mark.slow
@named
def test_it_runs_on_an_empty_database(notebook, sqlite_template, kernel):
    book = report.run(notebook, {"source": f"sqlite:///{sqlite_template}"}, manager=kernel)
    assert NOTHING[notebook.stem] in report.answer(book)
    assert len(figures_of(book)) >= (0 if notebook.stem == "07_pager_load" else 1)


NOTHING = {
    "00_one_incident": "There were no incidents in this window.",
    "01_period_review": "Nothing is unusual",
    "02_response_times": "There were no incidents in this window",
    "03_trends": "No incidents in this window.",
    "04_did_it_improve": "time to resolve has too few to tell (n 0 and 0)",
    "05_alert_quality": "0 alerts, 0 of them judged: too few to tell.",
    "06_rule_backtest": "so there is nothing to judge it by",
    "07_pager_load": "No interruption is known of in this window.",
    "08_fires_together": "No rules fire together often enough",
    "09_budget": "No impact in this window, so nothing was spent.",
    "10_data_quality": "No finished incidents in this window, so nothing is missing.",
}


@pytest.mark.slow
@named
def test_it_runs_on_three_incidents(notebook, tmp_path, kernel):
    file = tmp_path / "incidents.csv"
    analytics.read("sample").incidents.tail(3).to_csv(file, index=False)
    book = report.run(notebook, {"source": str(file)}, manager=kernel)
    assert report.answer(book)
    assert "more each week" not in words_of(book)
    assert "Faster" not in words_of(book)
    if notebook.stem == "02_response_times":
        assert report.answer(book).startswith("Too few to tell: 3 incidents in this window")
        assert words_of(book).rstrip().endswith("Widen the window and look again.")


@pytest.mark.slow
def test_a_notebook_that_drops_open_incidents_is_noticed(tmp_path, kernel):
    """The real log as it was known then: without the ones still open the median is another."""
    log = ROOT / "tests" / "data" / "servicenow_incidents.csv.gz"
    asked = {
        "source": str(log),
        "start": "2016-03-07",
        "end": "2016-04-04",
        "as_of": "2016-04-04T00:00Z",
        "zone": "UTC",
    }
    whole = ROOT / "notebooks" / "02_response_times.ipynb"
    book = nbformat.read(whole, as_version=4)
    for cell in book.cells:
        cell.source = cell.source.replace(
            "analytics.read(source, seed=seed)",
            "analytics.source.closed_only(analytics.read(source, seed=seed))",
        )
        if "parameters" in cell.metadata.get("tags", []):
            cell.source += DROP
    changed = tmp_path / "changed.ipynb"
    nbformat.write(book, changed)
    assert "2 d 22 h" in report.answer(
        report.run(whole, asked, manager=kernel)
    )  # 4,228 minutes: the reference answer
    assert "2 d 22 h" not in report.answer(report.run(changed, asked, manager=kernel))


DROP = """
import analytics
from dataclasses import replace
analytics.source.closed_only = lambda t: replace(t, incidents=t.incidents[t.incidents["resolved_at"] <= as_of])
"""


@pytest.mark.slow
def test_the_pages_draw_real_plots_of_the_real_log_and_ask_nothing_of_a_network(tmp_path):
    log = ROOT / "tests" / "data" / "servicenow_incidents.csv.gz"
    options = [
        "--source",
        str(log),
        "--out",
        str(tmp_path),
        "--end",
        "2016-05-30",
        "--as-of",
        "2016-05-30T00:00Z",
    ]
    done = CliRunner().invoke(
        report.main, [*options, "--zone", "UTC", str(ROOT / "notebooks" / "02_response_times.ipynb")]
    )
    assert done.exit_code == 0, done.output
    page, index = (tmp_path / "02_response_times.html").read_text(), (tmp_path / "index.html").read_text()
    assert (
        page.count('<script>draw("figure-') == 12
    )  # none of the legs of pages, of which the log knows nothing
    assert 'src="plotly.min.js"' in page
    assert (tmp_path / "plotly.min.js").stat().st_size > 1_000_000
    assert "Half of 20,671 incidents are resolved within 19\N{NO-BREAK SPACE}h" in page
    assert '<a href="index.html">All notebooks</a>' in page
    assert "With the closing time for the" in page
    for html in (page, index):
        assert re.findall(r'(?:src|href)="(?:https?:)?//', html) == []
        assert re.findall(r"@import|url\(", html) == []
    assert "def show" not in page  # the code is left out
    assert "<span>02</span>How long do we take?" in index


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_it_runs_on_the_address_of_a_postgresql_database(app, database_url, clock, tmp_path):
    """As `bin/notebooks --source` takes it, and as others write it: without the driver's name."""
    half_a_year()
    plain = f"postgresql://{database_url.partition('://')[2]}"
    notebook, at = ROOT / "notebooks" / "10_data_quality.ipynb", clock().isoformat()
    options = ["--source", plain, "--out", str(tmp_path), "--end", at, "--as-of", at]
    done = CliRunner().invoke(report.main, [*options, str(notebook)])
    assert done.exit_code == 0, done.output
    index = (tmp_path / "index.html").read_text()
    assert re.search(r"Of \d\d finished incidents", index)
    assert "10_data_quality.html" in index


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("none.csv", "Error: there is no file none.csv"),
        ("mysql://u@db.example/d", "Error: mysql is not read: a source is SQLite or PostgreSQL"),
        ("twice.csv", "more than one column is called detected_at"),
    ],
)
def test_a_source_that_cannot_be_read_ends_at_once_in_its_own_words(tmp_path, monkeypatch, source, said):
    (tmp_path / "twice.csv").write_text("incident_id,detected_at,detected_at,resolved_at\n")
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(report.main, ["--source", source, "--out", str(tmp_path / "pages")])
    assert done.exit_code == 1
    assert said in done.output
    assert "Traceback" not in done.output
    assert done.output.count("Error") == 1  # and not once a notebook


def test_a_parameter_the_notebook_does_not_have_is_refused():
    book = nbformat.read(NOTEBOOKS[0], as_version=4)
    with pytest.raises(KeyError, match="no parameter colour"):
        report.with_parameters(book, {"colour": "red"})


def test_an_answer_on_the_index_has_names_as_they_are_written():
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("opening(report)")])
    said = f"**{plain('Holding http_check_failed [a|b] for 10 min')}**\n\n*as of …*"
    output = nbformat.v4.new_output("display_data", data={"text/markdown": said})
    book.cells[0]["outputs"] = [output]
    assert report.answer(book) == "Holding http_check_failed [a|b] for 10 min"


def test_a_password_in_an_address_is_not_written_on_the_index():
    html = report._index([], "postgresql://nightbell:secret@db.example/nightbell")
    assert "secret" not in html
    assert "db.example/nightbell" in html


def test_an_incident_title_cannot_end_the_script_it_stands_in():
    element = report._element({"data": [{"name": "</script><script>alert(1)"}], "layout": {}}, "figure-1")
    assert element.count("</script>") == 1


def test_a_moment_of_a_file_is_read_whatever_its_zone(tmp_path):
    file = tmp_path / "incidents.csv"
    file.write_text("incident_id,detected_at,resolved_at\nINC1,2026-03-02T09:00+02:00,\n")
    assert analytics.read(str(file)).as_of == pd.Timestamp("2026-03-02T07:00:00.000001Z")


def test_kernels_that_run_at_once_have_no_file_in_common() -> None:
    with report.kernel() as one, report.kernel() as other:
        assert Path(one.ip).parent != Path(other.ip).parent
        assert one.is_alive()
        assert other.is_alive()
    assert not Path(one.ip).parent.exists()
