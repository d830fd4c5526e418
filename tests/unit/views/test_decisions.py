"""What the gate said, as the caller hears it."""

import msgspec

from stopline.messages.events import OrderDenied, ReplaceDenied
from stopline.messages.replies import Checked, Decided
from stopline.model.limits import DEFAULT_LIMITS
from stopline.model.verdict import Finding, Unit
from stopline.views.decisions import check_body, denied, replace_denied, verdict_body
from tests.build import World


def test_the_deciding_finding_is_on_top():
    world = World(limits=DEFAULT_LIMITS)
    world.buy("100", limit="175", id="B1")
    event = world.of(OrderDenied)[0]
    body = denied(event)
    assert (body.check, body.observed, body.limit, body.headroom) == (
        "max_order_notional",
        "17500.00",
        "1000.00",
        "-16500.00",
    )
    assert [check.check for check in body.checks] == [finding.check for finding in event.findings]
    assert msgspec.json.encode(body) == msgspec.json.encode(denied(world.journal(OrderDenied)[0]))


def test_a_denial_of_an_unknown_symbol_names_it_as_it_was_written():
    world = World(limits=DEFAULT_LIMITS)
    world.buy("1", "NOPE", limit="1", id="B1")
    body = denied(world.of(OrderDenied)[0])
    assert (body.symbol, body.check, body.observed, body.max_passing_qty) == ("NOPE", "order_well_formed", None, None)


def test_a_condition_has_no_figures_but_a_reason():
    body = check_body(Finding("order_well_formed", "denied", Unit.STATE, 16, 0, "off the tick"))
    assert (body.passed, body.observed, body.limit, body.headroom, body.reason) == (
        False,
        None,
        None,
        None,
        "off the tick",
    )


def test_a_denied_change_keeps_its_id():
    world = World(limits=DEFAULT_LIMITS)
    world.buy("5", limit="175", id="B1")
    world.accept("B1")
    reply = world.replace("B1", "100")
    assert isinstance(reply, Decided)
    assert isinstance(reply.decision, ReplaceDenied)
    body = replace_denied(reply.decision, "AAPL")
    assert (body.retry_with_new_id, body.client_order_id, body.check) == (False, "B1", "max_order_notional")


def test_a_check_that_passes_has_no_deciding_check():
    world = World(limits=DEFAULT_LIMITS)
    reply = world.check("buy", "5", limit="175")
    assert isinstance(reply, Checked)
    body = verdict_body(reply)
    assert (body.approved, body.check, body.observed) == (True, None, None)
    assert body.evidence.equity == "100000.00"
    assert body.evidence.bid is None
