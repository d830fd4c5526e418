"""One name everywhere: every check has its file, its words, its test, its config entry and its page.

The rendered pages are compared with the code in test_docs.py.
"""

import ast
import re
import sys

import pytest

from stopline.checks import CHECKS
from stopline.config.load import DEFAULTS, without_none
from stopline.config.rules_schema import RulesSection
from stopline.config.schema import LimitsSection, SymbolSection
from stopline.model.limits import Limits, SymbolLimit
from stopline.model.rules import TERMS, Rules
from stopline.rules import RULES
from tests.architecture.source import PACKAGE, ROOT
from tools.docs.docstring import parse_docstring
from tools.docs.shelves import configured_by

PRECEDENCE = """
    order_well_formed duplicate_order trading_state daily_loss drawdown max_order_qty max_order_notional
    max_position max_contracts max_open_positions gross_exposure net_exposure concentration leverage
    buying_power open_risk stop_required short_sale instrument_allowed session_hours connection
    quote_usable price_collar self_match trade_frequency order_rate
""".split()  # semantics.md section 5

CHECK_LINES = {"Measures", "Boundary", "Exits", "No data", "Source"}
RULE_LINES = {"Measures", "Units", "Boundary", "Scope", "No data", "Enforces", "Does not", "Source"}
SHARED = {"__init__", "base"}
"""Modules of checks/ and rules/ that are not one of them."""


MEMBERS = [("checks", check, CHECK_LINES) for check in CHECKS] + [("rules", rule, RULE_LINES) for rule in RULES]
each_member = pytest.mark.parametrize(
    ("room", "member", "labels"), MEMBERS, ids=[f"{room}.{member.name}" for room, member, _ in MEMBERS]
)


def test_checks_are_listed_in_the_order_of_the_semantics():
    assert [check.name for check in CHECKS] == PRECEDENCE


def test_rules_are_listed_as_they_are_named_everywhere():
    assert [rule.name for rule in RULES] == list(Rules.__struct_fields__) == list(RulesSection.model_fields)


@pytest.mark.parametrize("room", ["checks", "rules"])
def test_every_file_of_the_room_is_listed(room):
    files = {path.stem for path in (PACKAGE / room).glob("*.py")} - SHARED
    files |= {path.parent.name for path in (PACKAGE / room).glob("*/__init__.py")}
    assert files == {member.name for place, member, _ in MEMBERS if place == room}


@each_member
def test_lives_in_the_file_of_its_name(room, member, labels):
    assert member.__module__ == f"stopline.{room}.{member.name}"


@each_member
def test_docstring_has_its_lines(room, member, labels):
    doc = parse_docstring(sys.modules[member.__module__].__doc__ or "")
    assert doc.summary.endswith(".")
    assert labels - doc.sections.keys() == set()
    assert all(len(text) > 2 for text in doc.sections.values())


@each_member
def test_class_says_what_it_is(room, member, labels):
    assert "__doc__" in vars(member)
    assert member.__doc__


@each_member
def test_has_a_unit_test(room, member, labels):
    path = ROOT / "tests" / "unit" / room / f"test_{member.name}.py"
    assert path.exists(), f"{path.relative_to(ROOT)} is missing"
    tree = ast.parse(path.read_text(encoding="utf-8"))
    tests = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_")
    ]
    assert tests, f"{path.relative_to(ROOT)} tests nothing"


ALWAYS_ON = {"order_well_formed", "trading_state", "connection"}
"""Nothing arms these, so nothing can disarm them; `limits.enabled: false` makes them warn like all others."""


@each_member
def test_has_a_config_entry(room, member, labels):
    """Somebody can set it: it reads a key that the configuration knows, and that the shipped file shows."""
    keys = {key.partition(".")[2] for key in configured_by(sys.modules[member.__module__])}
    if room == "rules":
        section = without_none(RulesSection.model_fields[member.name].annotation)
        assert keys == {f"{member.name}.{key}" for key in section.model_fields}
        assert set(section.model_fields) == set(TERMS[member.name].__struct_fields__)
        return
    assert bool(keys) != (member.name in ALWAYS_ON)
    assert keys <= LimitsSection.model_fields.keys() | SymbolSection.model_fields.keys()


def test_limits_are_named_alike_in_code_configuration_and_defaults():
    shown = re.search(r"^limits:\n((?:  .*\n)+)", DEFAULTS.read_text(encoding="utf-8"), re.MULTILINE)
    assert shown
    assert re.findall(r"^  (\w+):", shown[1], re.MULTILINE) == list(LimitsSection.model_fields)
    assert set(LimitsSection.model_fields) == set(Limits.__struct_fields__)
    assert set(SymbolSection.model_fields) == set(SymbolLimit.__struct_fields__)


@each_member
def test_is_a_frozen_record(room, member, labels):
    assert member.__struct_config__.frozen
    assert member.__struct_config__.gc is False
