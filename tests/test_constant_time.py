"""SEC-5: no secret is compared with == or !=, which take longer the more of it is right."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ENDINGS = ("token", "secret", "sig", "signature", "key", "hash", "digest", "password")
# SQL finds a row by the hash of a random secret, whose timing tells nothing of the secret: Session.token_hash
BY_HASH = re.compile(r"[A-Z]\w+\.\w+_hash")
NOT_SECRET = "an identity that everybody with the row may know, no secret"
# what is compared -> why that is safe
ALLOWED = {
    "SignInFailure.key": "SQL finds the count of an account, hashed so that the table names nobody",
    "Page.page_key": NOT_SECRET,
    "Alert.dedup_key": NOT_SECRET,
    "Delivery.lease_token": "SQL finds what this sender has leased; nobody outside can offer a lease",
    "Mail.lease_token": "SQL finds what this sender has leased; nobody outside can offer a lease",
    "Post.lease_token": "SQL finds what this sender has leased; nobody outside can offer a lease",
    "Alert.group_key": NOT_SECRET,
    "Post.post_key": NOT_SECRET,
    "TrendAsk.key": NOT_SECRET,
    "TrendPage.key": NOT_SECRET,
    "asked.key": NOT_SECRET,
    "delivery.address_key": NOT_SECRET,
    "found.digest": "no secret: it is of what a public calendar said last",
    "each.key": "the place of a line in a checklist",
    "with_key": "an address that was made here a line before",
    "sealed.digest": "no secret: it stands beside what it was made of",
    "key == identity(id)": "the primary key of a row",
    "document.get('routing_key')": "the key this very document came in by, to be cut from what is kept",
}


def comparisons(tree: ast.AST) -> Iterator[ast.Compare]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare) and any(isinstance(op, ast.Eq | ast.NotEq) for op in node.ops):
            yield node


def named(node: ast.expr) -> str:
    """The last word of what is compared: of a name, an attribute, a call, or what a subscript picks."""
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case ast.Call(func=func):
            return named(func)
        case ast.Subscript(slice=ast.Constant(value=str(name))):
            return name
        case ast.Subscript(value=value):
            return named(value)
    return ""


def suspicious(source: str) -> list[str]:
    """Each comparison of something that is called like a secret, unless the list says why it may be."""
    found = []
    for node in comparisons(ast.parse(source)):
        sides = [node.left, *node.comparators]
        empty = any(isinstance(side, ast.Constant) for side in sides)  # with a word that stands in the code
        if empty or not any(named(side).lower().endswith(ENDINGS) for side in sides):
            continue
        told = [ast.unparse(part) for part in (node, *sides)]
        if not any(part in ALLOWED or BY_HASH.fullmatch(part) for part in told):
            found.append(f"line {node.lineno}: {ast.unparse(node)}")
    return found


def test_SEC5_secrets_are_compared_in_constant_time() -> None:
    found = {
        str(path.relative_to(ROOT)): lines
        for path in sorted((ROOT / "app").rglob("*.py"))
        if (lines := suspicious(path.read_text()))
    }
    assert not found, "use hmac.compare_digest, or say in ALLOWED why this is no secret"


def test_SEC5_the_lint_sees_a_comparison_of_a_secret() -> None:
    assert suspicious("if given == row.ack_token: pass")
    assert suspicious("ok = digest(a) != kept['key_hash']")
    assert not suspicious("hmac.compare_digest(given, token)")
    assert not suspicious("db.select(Session).where(Session.token_hash == digest(token))")


def test_every_exception_is_still_needed() -> None:
    source = "\n".join(path.read_text() for path in sorted((ROOT / "app").rglob("*.py")))
    assert [each for each in ALLOWED if each.replace("'", '"') not in source] == []
