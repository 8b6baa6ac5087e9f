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

ROOT = Path(__file__).parent.parent.parent
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
named = pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)


def code_cells(notebook: Path) -> list[nbformat.NotebookNode]:
    return [cell for cell in nbformat.read(notebook, as_version=4).cells if cell.cell_type == "code"]


def words_of(book: nbformat.NotebookNode) -> str:
    outputs = [output for cell in book.cells for output in cell.get("outputs", [])]
    return "\n".join(output.get("data", {}).get("text/markdown", "") for output in outputs)


def figures_of(book: nbformat.NotebookNode) -> list[dict]:
    outputs = [output for cell in book.cells for output in cell.get("outputs", [])]
    return [output["data"][report.FIGURE] for output in outputs if report.FIGURE in output.get("data", {})]


def test_there_are_notebooks():
    assert "02_response_times" in [path.stem for path in NOTEBOOKS]


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
    assert names == {"source", "start", "end", "as_of", "team", "zone", "seed"}
    for cell in cells:
        for node in ast.walk(ast.parse(cell.source)):
            if isinstance(node, ast.FunctionDef):
                assert node.end_lineno - node.lineno < 3, node.name


@named
def test_it_ends_with_what_to_decide(notebook):
    headings = [c.source for c in nbformat.read(notebook, as_version=4).cells if c.cell_type == "markdown"]
    assert headings[-1].startswith("## What to decide")


@pytest.mark.slow
@named
def test_it_runs_on_the_sample_and_opens_with_its_answer(notebook):
    book = report.run(notebook, {"source": "sample"})
    assert report.answer(book).startswith("It takes 3 min 20 s (2 min 39 s to 4 min 17 s) to acknowledge half")
    assert len(figures_of(book)) >= 4
    tables = analytics.read("sample")
    window = analytics.window(tables, zone="Europe/Riga")
    span = (window.since, window.until, window.as_of, "Europe/Riga")
    same = analytics.review(tables.incidents, *span, events=tables.events)
    drawn = json.loads(same.acknowledge.figure().to_json())
    assert figures_of(book)[0]["data"] == drawn["data"]  # the figure of the Trends page is the notebook's
    assert same.acknowledge.footer in words_of(book)


@pytest.mark.slow
@named
def test_it_runs_on_an_empty_database(notebook, sqlite_template):
    book = report.run(notebook, {"source": f"sqlite:///{sqlite_template}"})
    assert report.answer(book).startswith("There were no incidents in this window")
    assert len(figures_of(book)) >= 4


@pytest.mark.slow
@named
def test_it_runs_on_three_incidents(notebook, tmp_path):
    file = tmp_path / "incidents.csv"
    analytics.read("sample").incidents.tail(3).to_csv(file, index=False)
    book = report.run(notebook, {"source": str(file)})
    assert report.answer(book).startswith("Too few to tell: 3 incidents in this window")
    assert words_of(book).rstrip().endswith("Widen the window and look again.")


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
    assert page.count("Plotly.newPlot(") == 5
    assert 'src="plotly.min.js"' in page
    assert (tmp_path / "plotly.min.js").stat().st_size > 1_000_000
    assert "Half of 20,671 incidents are resolved within 19 h" in page
    assert "With the closing time for the" in page
    for html in (page, index):
        assert re.findall(r'(?:src|href)="(?:https?:)?//', html) == []
        assert re.findall(r"@import|url\(", html) == []
    assert "def show" not in page  # the code is left out
    assert "How long do we take?" in index


def test_a_parameter_the_notebook_does_not_have_is_refused():
    book = nbformat.read(NOTEBOOKS[0], as_version=4)
    with pytest.raises(KeyError, match="no parameter colour"):
        report.with_parameters(book, {"colour": "red"})


def test_a_password_in_an_address_is_not_written_on_the_index():
    html = report._index([], "postgresql://nightbell:secret@db.example/nightbell")
    assert "secret" not in html
    assert "db.example/nightbell" in html


def test_an_incident_title_cannot_end_the_script_it_stands_in():
    element = report._element({"data": [{"name": "</script><script>alert(1)"}], "layout": {}}, "figure-1")
    assert element.count("</script>") == 1


def test_a_moment_of_a_file_is_read_whatever_its_zone(tmp_path):
    file = tmp_path / "incidents.csv"
    file.write_text("incident_id,detected_at\nINC1,2026-03-02T09:00+02:00\n")
    assert analytics.read(str(file)).as_of == pd.Timestamp("2026-03-02T07:00Z")
