"""The first look at an account with Alpaca: what it holds, and with how much money ours begins.

Source     semantics.md section 9 (carried positions start at their session-open mark).
"""

from stopline.brokers.alpaca.client import AlpacaClient
from stopline.brokers.alpaca.memory import Memory
from stopline.brokers.alpaca.picture import KINDS
from stopline.brokers.alpaca.symbols import Symbols
from stopline.dialects.alpaca.positions import Position
from stopline.measures.pnl import money_of
from stopline.model.fill import Fill
from stopline.model.ids import AccountId
from stopline.model.numbers import PRICE_ONE, QTY_ONE, SECOND, Nanos, div_half_even
from stopline.model.order import Side
from stopline.ports.broker import BrokerUnreachable

DAY: Nanos = 86_400 * SECOND


async def first_look(client: AlpacaClient, symbols: Symbols, account: AccountId, at: Nanos) -> Memory:
    """Return where our account begins; raises BrokerError classes.

    It begins after the newest execution that Alpaca has, so that none is counted twice and
    none is missed; if one comes in while we look, we look again at the next start.
    """
    before = await client.activities(at - DAY, KINDS)
    figures = await client.account()
    positions = await client.positions()
    after = await client.activities(at - DAY, KINDS)
    if len(before) != len(after):
        raise BrokerUnreachable("Alpaca: the account moved while it was looked at for the first time; start again")
    newest = max((each.transaction_time or 0 for each in after), default=0)
    fills = tuple(_carried(position, symbols, account, newest or at) for position in positions if position.qty)
    paid = sum((1 if fill.side is Side.BUY else -1) * money_of(fill.qty, fill.price, PRICE_ONE) for fill in fills)
    return Memory(
        account=account,
        alpaca_account=figures.id,
        opening_cash=figures.cash + paid,
        adopted_at=newest or at - SECOND,
        adopted=fills,
        known=tuple(each.id for each in after if not each.is_fill),
        since=newest or at - SECOND,
    )


def _carried(position: Position, symbols: Symbols, account: AccountId, at: Nanos) -> Fill:
    """Return a position as the fill that would have made it, at the price of the last close."""
    qty = abs(position.qty)
    price = position.lastday_price or position.current_price or position.avg_entry_price
    if price is None:
        price = div_half_even(abs(position.cost_basis or 0) * QTY_ONE, qty)
    return Fill(
        account=account,
        exec_id=f"carried:{position.symbol}",
        instrument_id=symbols.instrument_id(position.symbol, position.asset_class),
        side=Side.SELL if position.side == "short" else Side.BUY,
        qty=qty,
        price=price,
        fee=0,
        executed_at=at,
    )
