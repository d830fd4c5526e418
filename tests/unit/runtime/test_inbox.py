"""Quotes give way to each other and to orders; nothing else does."""

import asyncio

from hypothesis import given
from hypothesis import strategies as st

from stopline.messages import inputs as i
from stopline.runtime.inbox import Inbox
from tests.unit.runtime.rig import AAPL, Rig, buy, quote


def put_quotes(inbox: Inbox, *bids: int, last: int | None = None) -> None:
    for bid in bids:
        inbox.put(i.QuoteReceived(quote=quote(bid, bid, bid + 1, last)), None)


def bids(inbox: Inbox) -> list[int | None]:
    return [m.quote.source_at for m, _ in inbox.drain() if isinstance(m, i.QuoteReceived)]


def test_the_newest_quote_stands_for_those_before_it():
    inbox = Inbox()
    put_quotes(inbox, 1, 2, 3)
    assert len(inbox) == 1 and inbox.quotes_conflated == 2
    assert bids(inbox) == [3]


def test_a_trade_print_is_carried_over_and_two_are_both_kept():
    inbox = Inbox()
    put_quotes(inbox, 1, last=7)
    put_quotes(inbox, 2)
    (message, _), *rest = inbox.drain()
    assert isinstance(message, i.QuoteReceived) and not rest
    assert (message.quote.source_at, message.quote.last_price) == (2, quote(0, 0, 0, 7).last_price)
    put_quotes(inbox, 3, last=8)
    put_quotes(inbox, 4, last=9)
    assert bids(inbox) == [3, 4]


def test_a_recording_loses_no_quote_and_keeps_its_order():
    inbox = Inbox(conflate=False)
    put_quotes(inbox, 1, 2)
    inbox.put(buy("a"), None)
    put_quotes(inbox, 3)
    assert [type(m).__name__ for m, _ in inbox.drain()] == ["QuoteReceived"] * 2 + ["SubmitOrder", "QuoteReceived"]


def test_a_flood_of_orders_leaves_quotes_their_turn():
    inbox = Inbox()
    for n in range(100):
        inbox.put(buy(f"n{n}"), None)
    put_quotes(inbox, 1)
    taken = [type(m) for m, _ in inbox.drain()]
    assert taken.index(i.QuoteReceived) < 10


@given(st.lists(st.sampled_from(["order", "fill", "quote", "kill"]), max_size=60))
def test_nothing_but_quotes_is_ever_lost_and_order_is_kept(kinds: list[str]):
    inbox = Inbox()
    put: list[i.Input] = []
    for n, kind in enumerate(kinds):
        message: i.Input = {
            "order": buy(f"n{n}"),
            "fill": i.OrderAccepted(account="paper", routed_order_id=f"n{n}"),
            "quote": i.QuoteReceived(quote=quote(n, n, n + 1)),
            "kill": i.Kill(account="paper", reason=f"n{n}"),
        }[kind]
        inbox.put(message, None)
        put.append(message)
    taken = [message for message, _ in inbox.drain()]
    for kind in ((i.SubmitOrder, i.OrderAccepted), (i.Kill,)):
        assert [m for m in taken if isinstance(m, kind)] == [m for m in put if isinstance(m, kind)]
    newest = [m for m in put if isinstance(m, i.QuoteReceived)][-1:]
    assert [m for m in taken if isinstance(m, i.QuoteReceived)] == newest
    assert len(inbox) == 0


async def test_a_burst_of_quotes_does_not_hold_orders(rig: Rig):
    for n in range(20_000):
        rig.loop.tell(i.QuoteReceived(quote=quote(n, 99, 101)))
    await asyncio.wait_for(rig.loop.ask(buy("a")), 1)
    await rig.loop.quiet()
    assert rig.state.market.quotes[AAPL].received_at == rig.clock.now
    assert rig.loop.counts()["quotes_conflated"] == 19_999
