"""An approval is a type, and only the gate makes one (architecture.md, promise 1).

The journal's decoder makes them too, but by msgspec from bytes: no source line there names the constructor.
"""

import ast
from collections.abc import Iterator

import pytest

from tests.architecture.source import PACKAGE, ROOT, Offence, modules, offences

APPROVALS = frozenset({"OrderApproved", "ReplaceApproved"})
GATE = PACKAGE / "engine" / "gate.py"
HARMLESS_CALLS = frozenset({"isinstance", "issubclass"})


def makers(tree: ast.AST) -> Iterator[Offence]:
    """Find calls of an approval's class, and ways to call it under another name."""
    for node in ast.walk(tree):
        line = getattr(node, "lineno", 0)
        match node:
            case ast.Call(func=func) if _names(func):
                yield Offence(line, "makes an approval")
            case ast.Call(func=ast.Name(id=called)) if called in HARMLESS_CALLS:
                continue
            case ast.Call(args=args, keywords=keywords):
                if any(_names(given) for given in [*args, *(keyword.value for keyword in keywords)]):
                    yield Offence(line, "hands an approval's class to a call")
            case ast.Assign(value=value) | ast.AnnAssign(value=value) | ast.NamedExpr(value=value):
                if value is not None and _names(value):
                    yield Offence(line, "gives an approval's class another name")
            case ast.alias(name=name, asname=str()) if name in APPROVALS:
                yield Offence(line, "imports an approval's class under another name")
            case ast.ClassDef(bases=bases) if any(_names(base) for base in bases):
                yield Offence(line, "derives from an approval's class")


def _names(node: ast.AST) -> bool:
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name in APPROVALS
    return False


def test_only_the_gate_makes_approvals():
    assert offences(makers, GATE), f"{GATE.relative_to(ROOT)} makes no approval: has it moved?"
    others = [path for path in modules() if path != GATE]
    assert [found for path in others for found in offences(makers, path)] == []


def test_approvals_exist_in_messages():
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in modules("messages/events")]
    assert {node.name for tree in trees for node in tree.body if isinstance(node, ast.ClassDef)} >= APPROVALS


@pytest.mark.parametrize(
    "code",
    [
        "event = OrderApproved(request, decision_id)",
        "event = events.OrderApproved(request, decision_id)",
        "event = ReplaceApproved(order)",
        "event = new(OrderApproved, request)",
        "event = msgspec.convert(raw, type=OrderApproved)",
        "Yes = OrderApproved",
        "if (yes := OrderApproved): ...",
        "from stopline.messages.events import OrderApproved as Yes",
        "class Mine(OrderApproved): ...",
    ],
)
def test_lint_sees_a_planted_maker(code):
    assert list(makers(ast.parse(code)))


@pytest.mark.parametrize(
    "code",
    [
        "from stopline.messages.events import OrderApproved",
        "def place(self, order: OrderApproved) -> None: ...",
        "if isinstance(event, OrderApproved): ...",
        "if type(event) is OrderApproved: ...",
        "match event:\n    case OrderApproved(request=request): ...",
        "Event: TypeAlias = OrderApproved | OrderDenied",
        "APPLY = {OrderApproved: apply_approved}",
    ],
)
def test_lint_lets_readers_be(code):
    assert list(makers(ast.parse(code))) == []
