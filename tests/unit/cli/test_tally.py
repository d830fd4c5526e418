"""What a stretch of the journal amounts to."""

from msgspec.structs import replace

from stopline.cli.tally import Mark, Tally
from stopline.messages import events as e
from stopline.model.fill import Fill
from stopline.model.order import OrderRequest, OrderType, Side

REQUEST = OrderRequest("paper", "a", "eq:US:AAPL", Side.BUY, 1, OrderType.MARKET)
SEEN = e.Evidence(1)


def approved(account="paper", *, reducing=False):
    return e.OrderApproved(replace(REQUEST, account=account), "1-1", "sl1-1", reducing, None, SEEN, "me")


def denied(check, account="paper"):
    return e.OrderDenied(replace(REQUEST, account=account), "1-1", check, "no", (), None, SEEN, "me")


def filled(account="paper"):
    return e.OrderFilled("a", Fill(account, "x", "eq:US:AAPL", Side.BUY, 1, 1, 25, 0))


def marked(equity, account="paper"):
    return e.PnlMarked(account, "2026-01-05", equity, 0, 0, equity - 100, ())


def heard(*events, account="paper"):
    tally = Tally(account)
    for seq, event in enumerate(events, 1):
        tally.hear(seq, seq * 10, (event,))
    return tally


def test_counts_orders_of_its_account_only():
    tally = heard(
        approved(), approved(reducing=True), approved("other"), denied("leverage"), denied("leverage", "other")
    )
    assert (tally.approved, tally.reducing, tally.denied, tally.orders) == (2, 1, {"leverage": 1}, 3)
    assert tally.records == 5


def test_counts_what_became_of_orders():
    tally = heard(
        filled(), filled("other"), e.OrderRejected("paper", "a", "r", ""), e.OrderCanceled("paper", "a", "r"),
        e.OrderCanceled("other", "a", "r"), e.OrderExpired("paper", "a", "r"), e.CashMoved("paper", "paper", "t", 7),
    )  # fmt: skip
    assert (tally.fills, tally.fees, tally.rejected, tally.canceled, tally.expired) == (1, 25, 1, 1, 1)
    assert tally.transfers == 7


def test_keeps_breakers_with_their_instant():
    tripped = e.BreakerTripped(1, "paper", "DAILY_LOSS", -5, -4, "r", "engine", 0)
    assert heard(filled(), tripped).breakers == [(20, tripped)]


def test_the_curve_and_its_deepest_fall():
    tally = heard(*(marked(equity) for equity in (100, 120, 90, 110, 130, 105)), marked(5, "other"))
    assert [mark.equity for mark in tally.marks] == [100, 120, 90, 110, 130, 105]
    assert tally.marks[0] == Mark(10, 100, 0)
    fall = tally.drawdown()
    assert fall is not None
    assert (fall.amount, fall.peak.at, fall.trough.at) == (30, 20, 30)


def test_a_curve_that_only_rises_has_no_fall():
    fall = heard(marked(100), marked(101)).drawdown()
    assert fall is not None and fall.amount == 0
    assert heard(approved()).drawdown() is None
