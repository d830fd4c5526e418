"""The general checks of a hunt, the cheapest first, each with its budget. None was written for one bug."""

from typing import Final, NamedTuple

from tests.mutations.campaign import GREEN, RED, Orchard, first_failure

REACH: Final = "tests/properties/test_gate_oracle.py::test_the_worlds_reach_every_check"
"""It asserts how much its worlds try, not that what they try is right."""
_PYTEST: Final = ("pytest", "-x", "-q", "--no-header", "-p", "no:cacheprovider", "-n", "0", "--timeout", "60")
"""A test that hangs is red, as in `make test`; only sooner."""


class Checker(NamedTuple):
    """A module to run, and how many seconds it may take on a busy machine; one that takes longer has found nothing."""

    name: str
    module: tuple[str, ...]
    seconds: int


def tests(name: str, seconds: int, *paths: str) -> Checker:
    """Return a checker made of tests."""
    return Checker(name, (*_PYTEST, *paths), seconds)


CHECKERS: Final = (
    tests("scenarios", 240, "tests/scenarios/test_scenarios.py"),
    tests("incidents", 240, "tests/simulation/test_incidents.py"),
    tests("worked examples", 240, "tests/acceptance/test_worked_examples.py"),
    tests("fuzz", 240, "tests/fuzz"),
    tests("trading year", 240, "tests/acceptance/test_trading_year.py"),
    tests("properties", 400, "tests/properties", "--deselect", REACH),
    Checker("seeds", ("tests.mutations.hunt.seeds",), 600),
    tests("doors", 240, "tests/acceptance/test_api_cases.py", "tests/acceptance/test_wire.py"),
    tests("contracts", 400, "tests/contract"),
    tests("store trouble", 400, "tests/acceptance/test_store_fails.py"),
)


class Verdict(NamedTuple):
    """What one checker made of a planted bug: found, passed, late or broken."""

    outcome: str
    detail: str


def ask(orchard: Orchard, checker: Checker) -> Verdict:
    """Let one checker look at what is planted."""
    code, told = orchard.execute(checker.module, checker.seconds)
    if told.startswith("FAILED: not done"):
        return Verdict("late", told)
    if code == GREEN:
        return Verdict("passed", "")
    found = first_failure(told).removeprefix("FAILED ")
    if code == RED and found:
        return Verdict("found", found)
    return Verdict("broken", told[-400:])
