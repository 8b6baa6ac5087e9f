"""R11: aware local datetimes stay in app/domain/zone.py, and nowhere are they subtracted or compared.

Two aware datetimes of one zone are subtracted as wall clocks: Monday 9 March 09:00 minus Monday 2 March 09:00
in Chicago is 7 days to Python, 6 days and 23 hours in truth. So rules see naive wall clocks or moments in UTC.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2] / "app"
# These may turn a moment into local time for a reader, and reckon with nothing there.
SHOWING = ("web/", "cli", "paging/sentences.py")
UTC_NAMES = {"UTC", "utc"}


def local_subtractions(source: str, *, may_show: bool) -> list[int]:
    """Lines that make an aware local datetime where none belongs, or reckon where one is shown."""
    found: set[int] = set()
    for nodes in _scopes(ast.parse(source)):
        if not may_show:
            found |= {node.lineno for node in nodes if isinstance(node, ast.Call) and _makes_local(node)}
        names = {
            target.id
            for node in nodes
            if isinstance(node, ast.Assign) and _makes_local(node.value)
            for target in node.targets
            if isinstance(target, ast.Name)
        }
        for node in nodes:
            match node:
                case ast.BinOp(op=ast.Sub(), left=left, right=right):
                    operands = [left, right]
                case ast.Compare(left=left, comparators=others):
                    operands = [left, *others]
                case _:
                    continue
            if any(
                _makes_local(each) or (isinstance(each, ast.Name) and each.id in names) for each in operands
            ):
                found.add(node.lineno)
    return sorted(found)


def _scopes(module: ast.Module) -> Iterator[list[ast.AST]]:
    """The nodes of each function, and those outside all functions."""
    outside: list[ast.AST] = []
    left: list[ast.AST] = [module]
    while left:
        node = left.pop()
        if isinstance(node, ast.FunctionDef):
            yield list(ast.walk(node))
        else:
            outside.append(node)
            left += ast.iter_child_nodes(node)
    yield outside


def _makes_local(node: ast.AST) -> bool:
    match node:
        case ast.Call(func=ast.Attribute(attr="astimezone"), args=args):
            return not (args and _is_utc(args[0]))
        case ast.Call(
            func=ast.Attribute(attr="replace" | "combine") | ast.Name(id="datetime"), keywords=keywords
        ):
            zones = [word.value for word in keywords if word.arg == "tzinfo"]
            return any(
                not _is_utc(zone) and not _is_none(zone) and not isinstance(zone, ast.Call) for zone in zones
            )
        case _:
            return False


def _is_utc(node: ast.expr) -> bool:
    return (isinstance(node, ast.Name) and node.id in UTC_NAMES) or (
        isinstance(node, ast.Attribute) and node.attr in UTC_NAMES
    )


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


FILES = [path for path in sorted(ROOT.rglob("*.py")) if path != ROOT / "domain" / "zone.py"]


@pytest.mark.parametrize("path", FILES, ids=[str(path.relative_to(ROOT)) for path in FILES])
def test_R11_no_local_datetimes_are_subtracted(path: Path) -> None:
    may_show = path.relative_to(ROOT).as_posix().startswith(SHOWING)
    assert local_subtractions(path.read_text(), may_show=may_show) == []


@pytest.mark.parametrize(
    ("source", "in_rules", "where_shown"),
    [
        ("def f(a, b, zone):\n    return a.astimezone(zone) - b.astimezone(zone)", [2], [2]),
        ("def f(a, b, zone):\n    return a.astimezone(zone) < b.astimezone(zone)", [2], [2]),
        ("def f(a, zone):\n    return a.astimezone(zone).hour < 9", [2], []),
        ("def f(a, zone):\n    b = a.astimezone(zone)\n    return b - a", [2, 3], [3]),
        ("def f(a, zone):\n    b = a.astimezone(zone).replace(tzinfo=None)\n    return b - wall", [2], []),
        ("def f(wall, zone):\n    return wall.replace(tzinfo=zone)", [2], []),
        ("def f(a, zone):\n    return a.astimezone(zone).isoformat()", [2], []),
        ("x = now.astimezone() - then", [1], [1]),
        ("def f(a, b):\n    return a.astimezone(UTC) - b.astimezone(UTC)", [], []),
        ("def f(a):\n    return a.replace(tzinfo=None) - a.replace(tzinfo=UTC)", [], []),
    ],
)
def test_R11_the_search_finds_what_it_is_for(source: str, in_rules: list[int], where_shown: list[int]) -> None:
    assert local_subtractions(source, may_show=False) == in_rules
    assert local_subtractions(source, may_show=True) == where_shown
