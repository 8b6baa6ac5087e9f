"""Every notebook to a page that needs no network: run it, draw its figures, list the pages.

``python -m analytics.report --help``; `bin/notebooks` sets up what it needs and calls this.
"""

import json
import os
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from html import escape
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import click
import nbformat
from jupyter_client.manager import KernelManager
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError as CellExecutionError
from nbconvert import HTMLExporter
from papermill.iorw import load_notebook_node
from papermill.parameterize import parameterize_notebook
from plotly.offline import get_plotlyjs

from analytics.theme import CONFIG, counterparts

ROOT = Path(__file__).resolve().parent.parent
NOTEBOOKS = ROOT / "notebooks"
#: what says that the source cannot be read, in words that need no name of an error before them
NO_SOURCE = ("UnreadableTable", "Damaged", "FileNotFoundError", "NoSuchSource", "OperationalError")
FIGURE = "application/vnd.plotly.v1+json"


@contextmanager
def kernel() -> Iterator[KernelManager]:
    """A running kernel that several notebooks may use one after the other, so that pandas is loaded once."""
    # a file's socket, no port of the machine; in a folder of its own: two that start at once would share a file
    with TemporaryDirectory(prefix="nightbell-") as folder:
        yield from _kernel_in(folder)


def _kernel_in(folder: str) -> Iterator[KernelManager]:
    manager = KernelManager(kernel_name="python3", transport="ipc", ip=f"{folder}/kernel")
    # the kernel finds this very package, whatever else is installed, and leaves drawing to us
    paths = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    manager.start_kernel(env={**os.environ, "PYTHONPATH": paths, "PLOTLY_RENDERER": "plotly_mimetype"})
    try:
        yield manager
    finally:
        manager.shutdown_kernel(now=True)


def run(
    notebook: Path,
    parameters: Mapping[str, Any],
    after_cell: Callable[[], None] = lambda: None,
    manager: KernelManager | None = None,
) -> nbformat.NotebookNode:
    """The notebook with its outputs, run from top to bottom with `parameters` set; with nothing left from
    another.

    In the kernel given, else in one of its own. Raises ``nbclient.exceptions.CellExecutionError`` with the
    cell's own traceback.
    """
    if manager is None:
        with kernel() as own:
            return run(notebook, parameters, after_cell, own)
    book = with_parameters(load_notebook_node(str(notebook)), parameters)
    book.cells.insert(0, nbformat.v4.new_code_cell("%reset -f"))
    client = NotebookClient(book, km=manager, timeout=300, on_cell_executed=lambda **_: after_cell())
    try:
        client.execute()
    finally:
        if client.kc is not None:  # its sockets; the kernel goes on for the next one
            client.kc.stop_channels()
    del book.cells[0]
    return book


def with_parameters(book: nbformat.NotebookNode, parameters: Mapping[str, Any]) -> nbformat.NotebookNode:
    """The notebook, as papermill loads it, with papermill's cell that sets those given after the one tagged
    `parameters`.

    Raises ``KeyError`` for a name that the notebook does not have: papermill alone would set it unread.
    """
    at = next(i for i, cell in enumerate(book.cells) if "parameters" in cell.metadata.get("tags", []))
    unknown = [name for name in parameters if f"{name} =" not in book.cells[at].source]
    if unknown:
        raise KeyError(f"the notebook has no parameter {', '.join(unknown)}")
    return parameterize_notebook(book, dict(parameters))


def find(name: str) -> Path | None:
    """The notebook of that name, or whose number it is; None where there is none, or more than one."""
    found = [
        path for path in sorted(NOTEBOOKS.glob("*.ipynb")) if name in (path.stem, path.name, path.stem[:2])
    ]
    return found[0] if len(found) == 1 else None


def write_one(notebook: Path, parameters: Mapping[str, Any], target: Path) -> str:
    """Run one notebook and write it as one page with everything in it. Returns its answer."""
    target.parent.mkdir(parents=True, exist_ok=True)
    book = run(notebook, parameters)
    target.write_text(page(book, inline=True), encoding="utf-8")
    return answer(book)


def reason(problem: CellExecutionError) -> str:
    """Why a notebook stopped, in one line; of a source that cannot be read, in its own words."""
    told = (problem.evalue.strip() or problem.ename).splitlines()[0]
    return told if problem.ename in NO_SOURCE else f"{problem.ename}: {told}"


def page(book: nbformat.NotebookNode, *, inline: bool = False) -> str:
    """The run notebook as one HTML page without its code; figures are drawn by plotly.min.js beside it, or
    inside it.
    """
    drawn = nbformat.from_dict(json.loads(json.dumps(book)))
    for number, output in enumerate(o for cell in drawn.cells for o in cell.get("outputs", [])):
        if figure := output.get("data", {}).get(FIGURE):
            output["data"] = {"text/html": _element(figure, f"figure-{number}")}
        elif said := output.get("data", {}).get("text/markdown"):
            output["data"]["text/markdown"] = _unbroken(said)
    exporter = HTMLExporter(
        template_name="basic", exclude_input=True, exclude_input_prompt=True, exclude_output_prompt=True
    )
    body, _ = exporter.from_notebook_node(drawn)
    script = (f"<script>{get_plotlyjs()}</script>" if inline else _SCRIPT) + _draw()
    back = "" if inline else '<nav><a href="index.html">All notebooks</a></nav>'
    return _PAGE.format(title=escape(title(book)), style=_STYLE, script=script, body=back + body)


def title(book: nbformat.NotebookNode) -> str:
    """The notebook's question: its first heading."""
    lines = (line for cell in book.cells if cell.cell_type == "markdown" for line in cell.source.splitlines())
    return next((line.removeprefix("# ") for line in lines if line.startswith("# ")), "Notebook")


def answer(book: nbformat.NotebookNode) -> str:
    """The sentence it opens with: the first output, as plain words."""
    outputs = (output for cell in book.cells for output in cell.get("outputs", []))
    said = next((output["data"].get("text/markdown", "") for output in outputs if "data" in output), "")
    words = str(said).partition("\n")[0].strip().replace("**", "")
    return re.sub(r"\\([\\*_`<>\[\]|#])", r"\1", words)  # as `decide.plain` marks them for Markdown


def _unbroken(text: str) -> str:
    """Every number on one line with its unit: "9 d", "20 h", "95 %"."""
    return re.sub(r"(?<=\d) (?=(?:%|min|h|s|d)(?!\w))", "\N{NO-BREAK SPACE}", text)


def _element(figure: Mapping[str, Any], name: str) -> str:
    # "</" would end the script element in the middle of a word
    data = json.dumps([figure["data"], figure["layout"], CONFIG]).replace("</", "<\\/")
    return f'<div id="{name}" class="figure"></div><script>draw("{name}", {data})</script>'


def _draw() -> str:
    """Figures in the reader's light or dark, and in light on paper."""
    return f"<script>const DARK = {json.dumps(counterparts())};{_DRAW}</script>"


@click.command()
@click.option(
    "--source",
    default="sample",
    show_default=True,
    help="sample, a database URL, a folder of an export, or a CSV or Parquet file.",
)
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    default=ROOT / "build" / "notebooks",
    help="Folder for the pages.",
)
@click.option("--start", help="First day or moment of the window, ISO 8601.")
@click.option("--end", help="End of the window; not part of it.")
@click.option("--as-of", help="The moment whose knowledge is used.")
@click.option("--team", help="Only this team's incidents and alerts.")
@click.option("--zone", help="Time zone the report speaks in, such as Europe/Riga.")
@click.argument("notebooks", nargs=-1, type=click.Path(exists=True, dir_okay=False, path_type=Path))
def main(source: str, out: Path, notebooks: tuple[Path, ...], **chosen: str | None) -> None:
    """Run NOTEBOOKS (all, if none are named) and write each as an HTML page, with an index."""
    file = Path(source)
    given = {name: value for name, value in chosen.items() if value is not None}
    parameters = {"source": str(file.resolve()) if file.exists() else source, **given}
    files = list(notebooks) or sorted(NOTEBOOKS.glob("*.ipynb"))
    out.mkdir(parents=True, exist_ok=True)
    (out / "plotly.min.js").write_text(get_plotlyjs(), encoding="utf-8")
    entries: list[tuple[str, str, str]] = []
    failed: list[str] = []
    cells = sum(_code_cells(nbformat.read(file, as_version=4)) + 2 for file in files)
    with kernel() as manager, click.progressbar(length=cells, label="Notebooks", file=sys.stderr) as bar:
        for file in files:
            bar.label = file.stem
            try:
                book = run(file, parameters, after_cell=lambda: bar.update(1), manager=manager)
            except CellExecutionError as problem:
                if problem.ename in NO_SOURCE:  # then each of them would say the same
                    raise click.ClickException(reason(problem)) from problem
                failed.append(f"{file.name}: {reason(problem)}")
                continue
            (out / f"{file.stem}.html").write_text(page(book), encoding="utf-8")
            entries.append((f"{file.stem}.html", title(book), answer(book)))
        bar.update(cells - bar.pos)
    (out / "index.html").write_text(_index(entries, source), encoding="utf-8")
    for line in failed:
        click.echo(line, err=True)
    click.echo(f"{out / 'index.html'}")
    sys.exit(1 if failed else 0)


def _code_cells(book: nbformat.NotebookNode) -> int:
    return sum(cell.cell_type == "code" for cell in book.cells)


def _index(entries: list[tuple[str, str, str]], source: str) -> str:
    items = "".join(
        f'<li><a href="{escape(href)}"><span>{escape(href[:2])}</span>{escape(name)}</a>'
        f"<p>{escape(_unbroken(said))}</p></li>"
        for href, name, said in entries
    )
    shown = source.rpartition("@")[2] if "://" in source else source  # no password on a page
    shown = "the sample, a made-up year" if source == "sample" else shown
    body = f'<h1>Nightbell notebooks</h1><p>On {escape(shown)}.</p><ul class="index">{items}</ul>'
    return _PAGE.format(title="Nightbell notebooks", style=_STYLE, script="", body=body)


_SCRIPT = '<script src="plotly.min.js"></script>'
_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>{style}</style>
{script}
</head>
<body><main>{body}</main></body>
</html>
"""
_DRAW = """
const night = matchMedia("(prefers-color-scheme: dark)"), figures = new Map();
const turned = (text) => text.replace(/#[0-9A-F]{6}|rgba\\([^)]*\\)/g, (colour) => DARK[colour] ?? colour);
const put = (name, isDark) => Plotly.react(name, ...JSON.parse((isDark ? turned : String)(figures.get(name))));
const all = (isDark) => figures.forEach((_, name) => put(name, isDark));
function draw(name, figure) { figures.set(name, JSON.stringify(figure)); put(name, night.matches); }
night.addEventListener("change", () => all(night.matches));
addEventListener("beforeprint", () => all(false));
addEventListener("afterprint", () => all(night.matches));
"""
_STYLE = """
:root {
  color-scheme: light dark;
  --canvas: light-dark(#F4F5F8, #0A0E15); --surface: light-dark(#FFFFFF, #121823);
  --line: light-dark(#D8DDE6, #2A3445); --ink: light-dark(#131A26, #E6EAF1);
  --muted: light-dark(#465166, #AFB9C8); --faint: light-dark(#5A6578, #93A0B3);
  --accent: light-dark(#2340A8, #B9CAFF);
}
@media print { :root { color-scheme: light; } }
body {
  margin: 0; background: var(--canvas); color: var(--ink); font: 16px/24px ui-sans-serif, system-ui, sans-serif;
}
main { max-width: 48rem; margin: 0 auto; padding: 24px 16px 48px; font-variant-numeric: tabular-nums; }
h1 { font-size: 1.75rem; line-height: 34px; } h2 { font-size: 1.25rem; line-height: 28px; margin-top: 32px; }
h1 a.anchor-link, h2 a.anchor-link { display: none; }
a { color: var(--accent); }
nav a, .index a { display: flex; align-items: center; min-height: 48px; }
.index { list-style: none; margin: 0; padding: 0; display: grid; gap: 12px; }
.index li, .figure { background: var(--surface); border: 1px solid var(--line); border-radius: 14px; }
.index li { padding: 4px 16px 14px; } .figure { padding: 12px; margin: 12px 0; }
.index a { gap: 12px; padding-top: 6px; font-weight: 650; text-decoration: none; }
.index span { color: var(--faint); font-weight: 450; } .index p { margin: 0; }
table { border-collapse: collapse; font-size: 0.875rem; display: block; overflow-x: auto; }
th, td { text-align: left; padding: 6px 12px 6px 0; border-bottom: 1px solid var(--line); white-space: nowrap; }
em { color: var(--muted); font-size: 0.875rem; line-height: 20px; }
"""

if __name__ == "__main__":
    main()
