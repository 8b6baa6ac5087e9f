"""`nightbell export`, `import` and `report` at the terminal."""

import json
from datetime import UTC, datetime

import nbformat
import pandas as pd
import pytest

import analytics
from analytics import archive, pack
from app.cli import main
from app.database import db, transaction
from app.incidents.models import Incident
from app.people.models import User
from app.trends import weekly
from app.trends.models import WeeklyChoice, WeeklyPage
from tests.support.half_a_year import half_a_year

MONDAY = ("weekly", "--at", "2026-11-16T08:00Z", "--json")


@pytest.fixture
def record(app, database_url, monkeypatch, tmp_path):
    """Half a year of work in this installation's database, which commands find by its settings."""
    half_a_year()
    number = db.session.query(Incident.id).order_by(Incident.id).first()[0]
    db.session.remove()
    monkeypatch.setenv("NIGHTBELL_DATABASE_URL", database_url)
    monkeypatch.setenv("NIGHTBELL_INSTANCE_DIR", str(tmp_path / "instance"))
    return str(number)


def run(cli_runner, *words: str, code: int = 0) -> str:
    done = cli_runner.invoke(main, list(words))
    assert done.exit_code == code, done.output
    return done.output


@pytest.fixture
def cli_runner():
    from click.testing import CliRunner

    return CliRunner()


def test_an_export_holds_what_the_database_holds_a_file_a_month(record, database_url, cli_runner, tmp_path):
    out = tmp_path / "kept"
    said = json.loads(run(cli_runner, "export", "--out", str(out), "--json"))
    straight, kept = analytics.read(database_url), archive.read(out)
    for name in archive.TABLES:
        assert len(getattr(kept, name)) == len(getattr(straight, name)) == said["rows"][name], name
    assert len(list(out.glob("alerts/*.parquet"))) > 4
    assert kept.incidents["resolved_at"].dropna().max() == straight.incidents["resolved_at"].dropna().max()
    span = (kept.incidents["detected_at"].min(), kept.as_of, kept.as_of)
    numbers = [analytics.review(t.incidents, *span, events=t.events).sentence for t in (straight, kept)]
    assert numbers[0] == numbers[1]


def test_since_and_until_are_half_open(record, database_url, cli_runner, tmp_path):
    alerts = analytics.read(database_url).alerts["fired_at"]
    low, high = alerts.iloc[10], alerts.iloc[20]
    run(
        cli_runner,
        "export",
        "--out",
        str(tmp_path / "part"),
        "--since",
        low.isoformat(),
        "--until",
        high.isoformat(),
    )
    found = archive.read(tmp_path / "part").alerts["fired_at"]
    assert sorted(found) == sorted(alerts[(alerts >= low) & (alerts < high)])


def test_an_export_without_a_place_is_asked_wrongly(cli_runner):
    assert "say where to: --out DIR" in run(cli_runner, "export", code=2)


@pytest.mark.slow
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # notebooks once: the rows are the same
def test_D13_a_review_pack_gives_the_same_figures_when_it_is_run_again(record, cli_runner, tmp_path):
    out = tmp_path / "pack"
    said = json.loads(run(cli_runner, "export", "--incident", f"INC-{record}", "--out", str(out), "--json"))
    book = nbformat.read(out / "00_one_incident.ipynb", as_version=4)
    page = (out / "00_one_incident.html").read_text()
    assert said["hash"] in page
    assert said["hash"] in "".join(cell.source for cell in book.cells)
    assert archive.manifest(out).hash == said["hash"]
    assert len(pack.figures(book)) > 1000
    rows = archive.read(out)
    detected = rows.incidents.set_index("incident_id").loc[record, "detected_at"]
    again = pack.run(out, record, detected, pd.Timestamp(said["as_of"]), said["hash"])
    assert pack.figures(again) == pack.figures(book)
    other = set(rows.alerts["incident_id"].dropna()) - {record}
    assert other == set()  # nothing of other incidents but what is usual for the service


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_there_is_no_pack_of_an_incident_there_is_not(record, cli_runner, tmp_path):
    assert "there is no incident 9999" in run(
        cli_runner, "export", "--incident", "9999", "--out", str(tmp_path / "no"), code=1
    )


CSV = "Number,Opened,Done\n7,2025-07-01T10:00Z,2025-07-01T12:00Z\n7,2025-07-01T10:00Z,\n"


def test_an_import_is_a_dry_run_until_it_is_told_where_to_keep_it(cli_runner, tmp_path):
    file, mapping = tmp_path / "any.csv", tmp_path / "m.json"
    file.write_text(CSV)
    mapping.write_text(
        json.dumps({"columns": {"incident_id": "Number", "detected_at": "Opened", "resolved_at": "Done"}})
    )
    words = ("import", "csv", str(file), "--mapping", str(mapping))
    dry = run(cli_runner, *words)
    assert "2 rows read as csv: 1 incident, 0 events." in dry
    assert "Left out: 1 with an id that was there before (7)." in dry
    assert "Nothing was kept." in dry
    said = json.loads(run(cli_runner, *words, "--out", str(tmp_path / "kept"), "--json"))
    assert said["incidents"] == 1
    assert said["left_out"] == {"with an id that was there before": 1}
    assert analytics.read(str(tmp_path / "kept")).incidents["incident_id"].tolist() == ["7"]
    again = json.loads(run(cli_runner, *words, "--out", str(tmp_path / "kept"), "--json"))
    assert again["hash"] == said["hash"]  # a second time: the same


def test_an_import_does_not_replace_what_a_folder_holds(cli_runner, tmp_path):
    file, mapping, kept = tmp_path / "any.csv", tmp_path / "m.json", str(tmp_path / "kept")
    file.write_text(CSV)
    mapping.write_text('{"columns": {"incident_id": "Number", "detected_at": "Opened", "resolved_at": "Done"}}')
    run(cli_runner, "import", "csv", str(file), "--mapping", str(mapping), "--out", kept)
    other = tmp_path / "list.json"
    other.write_text('{"incidents": [{"id": "a", "impact": "minor", "created_at": "2025-07-01T10:00Z"}]}')
    said = run(cli_runner, "import", "statuspage", str(other), "--out", kept, code=1)
    assert f"Error: {kept} holds history from csv, which history from statuspage would replace" in said
    mapping.write_text("{")
    said = run(cli_runner, "import", "csv", str(file), "--mapping", str(mapping), code=1)
    assert f"Error: {mapping} is not JSON" in said


def test_an_import_that_is_not_understood_ends_with_one_and_says_why(cli_runner, tmp_path):
    file = tmp_path / "any.csv"
    file.write_text(CSV)
    assert "a CSV needs a mapping" in run(cli_runner, "import", "csv", str(file), code=1)
    assert "there is no source" in run(cli_runner, "import", "jira", str(file), code=1)


@pytest.mark.slow
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_report_is_one_page_with_everything_in_it(record, cli_runner, tmp_path):
    target = tmp_path / "quality.html"
    said = run(cli_runner, "report", "05", "--out", str(target))
    page = target.read_text()
    assert "Which alerts earn their page?" in page
    assert "<script>draw(" in page
    assert 'src="plotly' not in page
    assert "judged" in said


def test_a_notebook_there_is_not_is_said_with_those_there_are(cli_runner):
    assert "say one of 00_one_incident, 01_period_review" in run(cli_runner, "report", "42", code=1)


@pytest.mark.slow
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # a notebook reads either the same way
def test_the_weekly_notebooks_are_rendered_kept_and_not_made_twice(record, cli_runner):
    mara = db.session.query(User).filter(User.name.startswith("Mara")).one()
    with transaction():
        weekly.choose(mara, None, ["10_data_quality"], at=datetime(2026, 11, 12, tzinfo=UTC))
        db.session.add(WeeklyChoice(user_id=mara.id, notebook="00_gone"))  # one that fails holds up no other
    said = run(cli_runner, *MONDAY, code=1)
    assert "00_gone" in said[said.index('"failed"') :]
    page = db.session.query(WeeklyPage).one()
    assert page.answer.startswith("Of ")
    assert "as of Mon 16 Nov 2026, 00:00" in page.html
    with transaction():
        db.session.query(WeeklyChoice).filter_by(notebook="00_gone").delete()
    assert json.loads(run(cli_runner, *MONDAY)) == {"made": [], "failed": []}
