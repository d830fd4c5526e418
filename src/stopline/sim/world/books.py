"""What the journal's fills come to, without the engine: position, cost and cash of every account (I02, I10, I24)."""

from msgspec import Struct, field

from stopline.messages import events as e
from stopline.model.fill import Fill
from stopline.model.ids import AccountId, InstrumentId
from stopline.model.numbers import Money
from stopline.sim.world.ledger import NOTHING, Holding, tell
from stopline.sim.world.violation import demand
from stopline.state.account import AccountState
from stopline.state.state import State


class Sheet(Struct):
    """One account's fills of two trading days, and what was there before them."""

    cash: Money = 0
    """Opening cash, transfers, and what the broker reported away from ours."""
    fills: dict[str, Fill] = {}
    voided: set[str] = field(default_factory=set)
    before: dict[InstrumentId, Holding] = {}
    today: set[str] = field(default_factory=set)
    yesterday: set[str] = field(default_factory=set)


class Books:
    """The world's own bookkeeping from the journal's events."""

    def __init__(self) -> None:
        self._sheets: dict[AccountId, Sheet] = {}
        self._moved: dict[tuple[AccountId, InstrumentId], None] = {}

    def hear(self, event: e.Event, state: State) -> None:
        """Book one event; `state` is the folded one, for the terms of instruments."""
        if isinstance(event, e.AccountOpened):
            if event.terms.account not in self._sheets:
                self._sheets[event.terms.account] = Sheet(cash=event.terms.opening_cash)
        elif isinstance(event, e.OrderFilled | e.ExternalFilled):
            self._book(event.fill)
        elif isinstance(event, e.FillVoided):
            sheet = self._sheets[event.account]
            demand(event.exec_id in sheet.fills, f"I10 a fill is taken back that nobody booked: {event.exec_id}")
            demand(event.exec_id not in sheet.voided, f"I10 fill {event.exec_id} is taken back twice")
            sheet.voided.add(event.exec_id)
            self._moved[event.account, sheet.fills[event.exec_id].instrument_id] = None
        elif isinstance(event, e.CashReported):
            self._sheets[event.account].cash += event.difference
        elif isinstance(event, e.CashMoved):
            self._sheets[event.account].cash += event.amount
        elif isinstance(event, e.SessionOpened):
            self._roll(self._sheets[event.account], state)

    def _book(self, fill: Fill) -> None:
        sheet = self._sheets[fill.account]
        demand(fill.exec_id not in sheet.fills, f"I10 fill {fill.exec_id} is booked twice")
        sheet.fills[fill.exec_id] = fill
        sheet.today.add(fill.exec_id)
        self._moved[fill.account, fill.instrument_id] = None

    def compare(self, state: State) -> None:
        """Demand that what moved since the last time came to what its fills come to, and so did the cash."""
        moved, self._moved = self._moved, {}
        for account, instrument_id in moved:
            self._compare(account, instrument_id, state)
        for account in dict.fromkeys(name for name, _ in moved):
            self._compare_cash(state.accounts[account], state)

    def _roll(self, sheet: Sheet, state: State) -> None:
        old, sheet.yesterday, sheet.today = sheet.yesterday, sheet.today, set()
        gone = [fill for name, fill in sheet.fills.items() if name in old]
        for instrument_id in sorted({fill.instrument_id for fill in gone}):
            stands = [f for f in gone if f.instrument_id == instrument_id and f.exec_id not in sheet.voided]
            before = sheet.before.get(instrument_id, NOTHING)
            sheet.before[instrument_id] = tell(stands, state.instruments[instrument_id], before)
        for fill in gone:
            del sheet.fills[fill.exec_id]
            sheet.voided.discard(fill.exec_id)

    def holding(self, account: AccountId, instrument_id: InstrumentId, state: State) -> Holding:
        """Return what an account's fills of one instrument come to."""
        sheet = self._sheets[account]
        fills = [f for f in sheet.fills.values() if f.instrument_id == instrument_id and f.exec_id not in sheet.voided]
        return tell(fills, state.instruments[instrument_id], sheet.before.get(instrument_id, NOTHING))

    def _compare(self, account: AccountId, instrument_id: InstrumentId, state: State) -> None:
        position = state.accounts[account].positions[instrument_id]
        told = self.holding(account, instrument_id, state)
        demand(
            (position.qty, position.cost) == (told.qty, told.cost),
            f"I02 {account} {instrument_id}: booked {position.qty} for {position.cost}, the fills say {told}",
        )

    def _compare_cash(self, account: AccountState, state: State) -> None:
        """Demand that an account's cash is what its fills, transfers and reports come to."""
        name = account.terms.account
        sheet = self._sheets[name]
        held = sorted(sheet.before.keys() | {fill.instrument_id for fill in sheet.fills.values()})
        cash = sheet.cash + sum(self.holding(name, each, state).cash for each in held)
        demand(account.cash == cash, f"I24 {name}: cash {account.cash}, its fills and transfers say {cash}")
