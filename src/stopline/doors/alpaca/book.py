"""What the door remembers of durable events: which order an id names, and how far each had filled at each event.

The engine's state may be ahead of an event that is told; these figures are the event's own.
"""

from stopline.doors.alpaca.ids import order_uuid
from stopline.measures.pnl import money_of
from stopline.messages import events as e
from stopline.messages.events import Event
from stopline.model.fill import Fill
from stopline.model.ids import AccountId, ClientOrderId, InstrumentId
from stopline.model.numbers import PRICE_ONE, Money, Qty
from stopline.model.order import Side
from stopline.state.account import AccountState
from stopline.state.orders import OrderRecord
from stopline.state.view import StateView

Name = tuple[AccountId, ClientOrderId]


class Book:
    """Orders by id, and figures by event, from `begin` on."""

    def __init__(self) -> None:
        self._seq = 0
        self._names: dict[str, Name] = {}
        self._filled: dict[Name, tuple[Qty, Money]] = {}
        self._held: dict[tuple[AccountId, InstrumentId], Qty] = {}

    def __len__(self) -> int:
        """How many orders it knows."""
        return len(self._names)

    def begin(self, state: StateView) -> None:
        """Take over what the engine knows; records up to here are in it."""
        self._seq = state.seq
        for account in state.accounts.values():
            self._take_over(account)

    def _take_over(self, account: AccountState) -> None:
        name = account.terms.account
        for known in (account.ended_before, account.ended, account.live):
            for order in known.values():
                self._see(order)
        for position in account.positions.values():
            self._held[name, position.instrument_id] = position.qty

    def _see(self, order: OrderRecord) -> None:
        name = (order.request.account, order.client_order_id)
        self._names[order_uuid(*name)] = name
        self._filled[name] = (order.cum_qty, order.filled_money)

    def find(self, account: AccountId, order_id: str) -> ClientOrderId | None:
        """Return whose id this is in an account."""
        name = self._names.get(order_id.lower())
        return name[1] if name is not None and name[0] == account else None

    def filled(self, account: AccountId, client_order_id: ClientOrderId) -> tuple[Qty, Money]:
        """Return how much of an order has filled, and for how much money."""
        return self._filled.get((account, client_order_id), (0, 0))

    def held(self, account: AccountId, instrument_id: InstrumentId) -> Qty:
        """Return a position."""
        return self._held.get((account, instrument_id), 0)

    def hear(self, seq: int, event: Event, state: StateView) -> bool:
        """Take in one event; return whether it is newer than what was taken over."""
        if seq <= self._seq:
            return False
        if isinstance(event, e.OrderApproved | e.ExternalOrderBooked):
            request = event.request
            name = (request.account, request.client_order_id)
            self._names[order_uuid(*name)] = name
            if isinstance(event, e.ExternalOrderBooked) and event.cum_qty:
                # Part of it had filled before anybody here saw it.
                self._filled[name] = (event.cum_qty, 0)
        elif isinstance(event, e.OrderFilled | e.ExternalFilled):
            client_order_id = event.client_order_id if isinstance(event, e.OrderFilled) else ""
            self._fill(event.fill, client_order_id, state, 1)
        elif isinstance(event, e.FillVoided):
            self._take_back(event, state)
        elif isinstance(event, e.SessionOpened):
            self._forget(event.account, state)
        return True

    def _fill(self, fill: Fill, client_order_id: ClientOrderId, state: StateView, sign: int) -> None:
        """Count a fill, or with `sign` -1 take it back; without an order it is of one that nobody knows."""
        held = (fill.account, fill.instrument_id)
        self._held[held] = self._held.get(held, 0) + sign * (fill.qty if fill.side is Side.BUY else -fill.qty)
        if client_order_id:
            name = (fill.account, client_order_id)
            qty, money = self._filled.get(name, (0, 0))
            self._filled[name] = (qty + sign * fill.qty, money + sign * _money(fill, state))

    def _take_back(self, event: e.FillVoided, state: StateView) -> None:
        booked = state.accounts[event.account].fill(event.exec_id)
        if booked is not None:
            self._fill(booked.fill, booked.client_order_id, state, -1)

    def _forget(self, account: AccountId, state: StateView) -> None:
        """Forget orders that the engine has forgotten: those that ended two trading days ago."""
        known = state.accounts[account]
        gone = [
            order_id
            for order_id, (owner, client_order_id) in self._names.items()
            if owner == account and known.order(client_order_id) is None
        ]
        for order_id in gone:
            self._filled.pop(self._names.pop(order_id), None)


def _money(fill: Fill, state: StateView) -> Money:
    instrument = state.instruments.get(fill.instrument_id)
    return money_of(fill.qty, fill.price, PRICE_ONE if instrument is None else instrument.multiplier)
