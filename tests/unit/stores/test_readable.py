"""Every number of every event is shown as what it is: the lists in readable.py against the types in the source."""

import ast
import json

import msgspec
import pytest

from stopline.messages import events as e
from stopline.messages.upcast import decode_events
from stopline.model.account import AccountTerms
from stopline.model.limits import RateWindow
from stopline.model.verdict import Finding, Unit
from stopline.stores import readable
from stopline.stores.readable import readable_event, readable_struct
from tests.architecture.source import PACKAGE, modules
from tests.unit.stores.projecting.histories import busy

MODELS = "account breach calendar capabilities fill instrument limits market_hours obligation order verdict week"
FILES = (*modules("messages/events"), *(PACKAGE / "model" / f"{name}.py" for name in MODELS.split()))
LISTS = {
    "Price": readable.PRICES, "Money": readable.MONEY, "Multiplier": readable.MONEY, "Qty": readable.QUANTITIES,
    "Ratio": readable.RATIOS, "Nanos": readable.INSTANTS + readable.DURATIONS, "int": readable.COUNTS,
}  # fmt: skip
SPECIAL = {
    ("AccountTerms", "initial_margin"), ("AccountTerms", "maintenance_margin"), ("OrderRequest", "trail_percent"),
    ("BreakerTripped", "trigger_value"), ("BreakerTripped", "threshold"), ("Finding", "observed"), ("Finding", "limit"),
    ("SessionOpened", "marks"), ("PnlMarked", "marks"), ("RuleEvidence", "positions"), ("RuleVerdict", "observed"),
    ("RuleVerdict", "limit"), ("OpenBreach", "since"), ("LocalSpan", "opens_min"), ("LocalSpan", "closes_min"),
    ("WeekTerms", "weekday"),
}  # fmt: skip
"""Shown by code of their own, each tested below; or in no event."""


def numbers() -> list[tuple[str, str, str]]:
    """Return (struct, field, type) of every number in the journal."""
    found = []
    for file in FILES:
        tree = ast.parse(file.read_text(encoding="utf-8"))
        for node in tree.body:
            for field in node.body if isinstance(node, ast.ClassDef) else ():
                if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name):
                    names = {each.id for each in ast.walk(field.annotation) if isinstance(each, ast.Name)}
                    found += [(node.name, field.target.id, kind) for kind in LISTS if kind in names]
    return found


def test_there_are_numbers_to_look_at():
    assert len(numbers()) > 80


@pytest.mark.parametrize(("struct", "field", "kind"), numbers(), ids=lambda each: each)
def test_every_number_is_listed_as_what_it_is(struct, field, kind):
    if (struct, field) not in SPECIAL:
        assert field in LISTS[kind], f"{struct}.{field} is a {kind}: list it in stores/readable.py"


def test_no_name_is_listed_twice():
    lists = [*LISTS.values(), readable.PERCENTS]
    names = [name for listed in {id(each): each for each in lists}.values() for name in listed]
    assert len(names) == len(set(names))


# --- what has code of its own ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("unit", "value", "shown"),
    [
        (Unit.MONEY, 17_500 * 10**8, "17500.00"),
        (Unit.QTY, 5 * 10**8, "0.5"),
        (Unit.RATIO, 250_000, "0.25"),
        (Unit.COUNT, 7, "7"),
        (Unit.NANOS, 5_000_000_000, "5"),
        (Unit.MONEY, None, None),
    ],
)
def test_a_finding_is_shown_in_its_unit(unit, value, shown):
    said = readable_struct(Finding("some_check", "denied", unit, value, value, "why"))
    assert (said["observed"], said["limit"], said["unit"]) == (shown, shown, unit.value)


@pytest.mark.parametrize(
    ("trigger", "value", "shown"),
    [("DAILY_LOSS", -5_100 * 10**8, "-5100.00"), ("REJECT_BURST", 10, "10"), ("MANUAL", 0, "0.00")],
)
def test_a_breaker_is_shown_by_its_trigger(trigger, value, shown):
    event = e.BreakerTripped(1, "A1", trigger, value, value, "why", "who", 0)
    said = readable_event(event)
    assert (said["trigger_value"], said["threshold"], said["expires_at"]) == (shown, shown, None)


def test_terms_of_an_account_are_ratios():
    said = readable_struct(AccountTerms("A1", "paper", opening_cash=100_000 * 10**8))
    assert (said["initial_margin"], said["maintenance_margin"], said["opening_cash"]) == ("0.50", "0.25", "100000.00")


def test_marks_and_windows():
    marked = e.PnlMarked("A1", "2026-01-06", 1, 2, 3, 5, (("eq:US:AAPL", 175 * 10**8),))
    assert readable_event(marked)["marks"] == {"eq:US:AAPL": "175.00"}
    assert readable_struct(RateWindow(10, 10**9)) == {"count": 10, "window": "1"}


@pytest.mark.parametrize("seed", [1, 2])
def test_whole_histories_are_json_without_a_binary_fraction(seed):
    for record in busy(seed).records:
        for event in decode_events(record.body):
            text = json.dumps(readable_event(event))
            back = json.loads(text, parse_float=_refuse)
            assert back["type"] == type(event).__name__
            assert set(back) == {"type", *event.__struct_fields__}
            assert msgspec.json.decode(text) == back


def _refuse(text: str) -> float:
    raise AssertionError(f"{text} is a binary fraction")
