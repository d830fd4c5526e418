"""The core computes with ints, reads no clock and draws no lots: the same inputs make the same events.

import-linter forbids the modules (pyproject.toml, `pure-core`); this lint forbids the rest.
"""

import ast
from collections.abc import Iterator

import pytest

from tests.architecture.source import CORE_ROOMS, Offence, modules, offences

ALLOWED_IMPORTS = frozenset(
    "abc bisect collections contextlib dataclasses datetime enum functools hashlib heapq itertools "
    "msgspec operator re stopline struct types typing".split()
)
BANNED_NAMES = {
    "float": "the core has no binary fractions",
    "complex": "the core has no binary fractions",
    "round": "rounding is named: div_half_even, div_ceil",
    "hash": "str hashes differ from run to run",
    "id": "addresses differ from run to run",
    "open": "the core has no files",
    "print": "the core says things by events",
    "input": "the core is told things by inputs",
}
BANNED_ATTRIBUTES = {
    "now": "time arrives with each input",
    "utcnow": "time arrives with each input",
    "today": "time arrives with each input",
    "fromtimestamp": "takes a float; instants are int nanoseconds",
    "utcfromtimestamp": "takes a float; instants are int nanoseconds",
    "timestamp": "is a float; instants are int nanoseconds",
    "total_seconds": "is a float; durations are int nanoseconds",
    "truediv": "is a float; use // or a named rounding",
    "itruediv": "is a float; use // or a named rounding",
    "as_integer_ratio": "belongs to floats",
}
BANNED_ANYWHERE = {
    "time_ns": "time arrives with each input",
    "uuid4": "ids are made from seq",
    "zoneinfo": "the runtime owns zones; sessions arrive as inputs",
    "ZoneInfo": "the runtime owns zones; sessions arrive as inputs",
}


def impurities(tree: ast.AST) -> Iterator[Offence]:
    """Find what would make a step inexact or unrepeatable."""
    for node in ast.walk(tree):
        line = getattr(node, "lineno", 0)
        match node:
            case ast.Constant(value=float() | complex()):
                yield Offence(line, f"float literal {node.value}")
            case ast.BinOp(op=ast.Div()) | ast.AugAssign(op=ast.Div()):
                yield Offence(line, "true division makes a float; use // or a named rounding")
            case ast.BinOp(op=ast.Pow(), right=ast.UnaryOp(op=ast.USub(), operand=ast.Constant())):
                yield Offence(line, "a negative power makes a float")
            case ast.Name(id=name) if name in BANNED_NAMES | BANNED_ANYWHERE:
                yield Offence(line, f"{name}: {(BANNED_NAMES | BANNED_ANYWHERE)[name]}")
            case ast.Attribute(attr=name) if name in BANNED_ATTRIBUTES | BANNED_ANYWHERE:
                yield Offence(line, f".{name}: {(BANNED_ATTRIBUTES | BANNED_ANYWHERE)[name]}")
            case ast.Import(names=names):
                yield from _foreign(line, [alias.name for alias in names])
            case ast.ImportFrom(module=module, names=names):
                yield from _foreign(line, [module or "."])
                for alias in names:
                    if alias.name in BANNED_ATTRIBUTES | BANNED_ANYWHERE:
                        yield Offence(line, f"imports {alias.name}")
            case ast.AsyncFunctionDef() | ast.Await() | ast.AsyncFor() | ast.AsyncWith():
                yield Offence(line, "the core is not async")
            case ast.Global():
                yield Offence(line, "the core has no global state")


def _foreign(line: int, names: list[str]) -> Iterator[Offence]:
    for name in names:
        if name.partition(".")[0] not in ALLOWED_IMPORTS:
            yield Offence(line, f"imports {name}, which is not among what the core may use")


@pytest.mark.parametrize("room", CORE_ROOMS)
def test_room_is_pure(room):
    files = modules(room)
    assert files, f"src/stopline/{room} holds no module: this test would say nothing"
    assert [found for path in files for found in offences(impurities, path)] == []


PLANTED = {
    "float literal": "limit = 0.25",
    "exponent literal": "limit = 1e-8",
    "complex literal": "z = 1j",
    "float name": "x = float(text)",
    "float annotation": "def f(x: float) -> int: ...",
    "division": "ratio = a / b",
    "division in place": "a /= b",
    "negative power": "scale = 10 ** -8",
    "round": "x = round(a)",
    "hash": "key = hash(symbol)",
    "id": "key = id(order)",
    "datetime.now": "at = datetime.now(UTC)",
    "datetime.timestamp": "at = moment.timestamp()",
    "time.time": "import time\nat = time.time()",
    "time from": "from time import monotonic_ns",
    "time_ns": "at = clock.time_ns()",
    "uuid4": "key = uuid4()",
    "uuid import": "import uuid",
    "zoneinfo import": "from zoneinfo import ZoneInfo",
    "random": "from random import choice",
    "math": "from math import sqrt",
    "decimal": "from decimal import Decimal",
    "operator.truediv": "from operator import truediv",
    "third party": "import pydantic",
    "os.path": "import os.path",
    "open": "text = open(path).read()",
    "async": "async def f(): ...",
    "global": "def f():\n    global seen",
}


@pytest.mark.parametrize("code", PLANTED.values(), ids=PLANTED.keys())
def test_lint_sees_a_planted_impurity(code):
    assert list(impurities(ast.parse(code)))


@pytest.mark.parametrize(
    "code",
    [
        "from msgspec import Struct",
        "from stopline.model.numbers import PRICE_ONE",
        "whole, rest = divmod(a, 10**8)",
        "floor = -(-a // b)",
        "at = clock_reading + offset",
        "def now_is_past(now: int) -> bool: ...",
        "x = 5_000 * 10**8",
        "divisor = 10 ** (-shift)",
    ],
)
def test_lint_lets_exact_code_be(code):
    assert list(impurities(ast.parse(code))) == []
