"""Every check has planted bugs, each still stands where it is planted, and a sample of them turns tests red.

`make mutate` plants them all.
"""

import pytest

from stopline.checks import CHECKS
from stopline.rules import RULES
from tests.mutations.campaign import ROOT, Orchard
from tests.mutations.catalog import MUTATIONS, Mutation

SAMPLE = (
    "max_order_notional: missing price passes",
    "max_order_notional: exits held",
    "sell hides buy",
    "reduce flips: working sells ignored",
    "a late fill is dropped",
)
SETTLED = "tests/unit/checks/test_max_order_qty.py"


def test_every_check_has_planted_bugs():
    planted = {mutation.name.partition(":")[0] for mutation in MUTATIONS}
    assert {check.name for check in CHECKS} <= planted


def test_every_rule_has_planted_bugs():
    planted = {mutation.name.partition(":")[0] for mutation in MUTATIONS}
    assert {f"rules/{rule.name}" for rule in RULES} <= planted


def test_names_tell_bugs_apart():
    names = [mutation.name for mutation in MUTATIONS]
    assert sorted(set(names)) == sorted(names)
    assert set(SAMPLE) <= set(names)


@pytest.mark.parametrize("mutation", MUTATIONS, ids=[mutation.name for mutation in MUTATIONS])
def test_is_not_stale(mutation):
    text = (ROOT / "src" / "stopline" / mutation.file).read_text(encoding="utf-8")
    found = text.count(mutation.old)
    assert found == 1, f"its text stands {found} times in {mutation.file}: plant it again in tests/mutations/catalog.py"
    assert mutation.new != mutation.old
    for test in mutation.tests:
        assert (ROOT / test.partition("::")[0]).exists()


@pytest.fixture(scope="module")
def orchard(tmp_path_factory):
    return Orchard(tmp_path_factory.mktemp("orchard"))


@pytest.mark.timeout(600)
@pytest.mark.parametrize("name", SAMPLE)
def test_a_planted_bug_turns_a_test_red(orchard, name):
    (mutation,) = [mutation for mutation in MUTATIONS if mutation.name == name]
    result = orchard.try_out(mutation)
    assert result.outcome == "killed", result.detail


@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    ("old", "new", "outcome"),
    [
        ("asked, most = ", "asked, most   = ", "survived"),
        ("no such text", "", "stale"),
        ("class MaxOrderQty", "class class MaxOrderQty", "broken"),
    ],
)
def test_what_else_may_become_of_one(orchard, old, new, outcome):
    mutation = Mutation("trial", "checks/max_order_qty.py", old, new, (SETTLED,))
    assert orchard.try_out(mutation).outcome == outcome
    planted = orchard.folder / "src" / "stopline" / "checks" / "max_order_qty.py"
    assert planted.read_text() == (ROOT / "src" / "stopline" / "checks" / "max_order_qty.py").read_text()
