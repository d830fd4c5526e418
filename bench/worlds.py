"""Engines to measure: one account or many, an empty book or a full one."""

from stopline.engine.replay import go_live
from stopline.engine.step import step
from stopline.messages import inputs as i
from stopline.messages.upcast import encode_events
from stopline.model.account import AccountTerms
from stopline.model.calendar import Session
from stopline.model.capabilities import Capabilities
from stopline.model.instrument import AssetClass, Instrument
from stopline.model.limits import DEFAULT_LIMITS, Limits
from stopline.model.numbers import PRICE_ONE, QTY_ONE, SECOND
from stopline.model.order import OrderClass, OrderType, Side, TimeInForce
from stopline.model.quote import Quote
from stopline.ports.journal import GENESIS, Record, chain_hash
from stopline.state.state import State

START = 1_767_711_600 * SECOND
TAKES = Capabilities(tuple(OrderType), tuple(TimeInForce), (OrderClass.SIMPLE,))
WIDE = 10**9 * PRICE_ONE


def equity(symbol: str) -> Instrument:
    """Return a US equity with a cent's tick."""
    return Instrument(
        f"eq:US:{symbol}", symbol, f"eq:US:{symbol}", AssetClass.EQUITY, "USD", PRICE_ONE // 100, QTY_ONE, PRICE_ONE,
        shortable=True,
    )  # fmt: skip


def roomy(limits: Limits = DEFAULT_LIMITS) -> Limits:
    """Return the defaults with every check armed and no order refused for being one of many."""
    kept = {name: getattr(limits, name) for name in limits.__struct_fields__}
    return Limits(
        **kept
        | {
            "max_position": WIDE,
            "concentration": 10**6,
            "leverage": 10**9,
            "buying_power": True,
            "order_rate": (),
            "self_match": True,
        }
    )


class HandClock:
    """Engine time that moves a microsecond at each look."""

    name = "bench"

    def __init__(self, at: int) -> None:
        self.now = at

    def at(self) -> int:
        """Return the next microsecond."""
        self.now += 1000
        return self.now

    async def sleep_until(self, due: int) -> None:
        """Be there at once."""
        self.now = max(self.now, due)


class Bench:
    """An engine that keeps its records, driven input by input."""

    def __init__(
        self, accounts: int = 1, symbols: tuple[str, ...] = ("SPY",), limits: Limits | None = None, keep: bool = False
    ) -> None:
        self.state, self.at, self.keep = State(), START, keep
        self.records: list[Record] = []
        self.hash = GENESIS
        self.orders = 0
        go_live(self.state)
        self.do(i.StartEngine(code_version="bench", config_version="bench"))
        for symbol in symbols:
            self.do(i.ListInstrument(instrument=equity(symbol)))
        self.do(i.BrokerConnected(broker="paper", capabilities=TAKES))
        for number in range(accounts):
            self.open_account(f"A{number}", DEFAULT_LIMITS if limits is None else limits)

    def do(self, message: i.Input) -> object:
        """Step one input a microsecond later."""
        self.at += 1000
        outcome = step(self.state, message, self.at)
        if self.keep and outcome.events:
            body = encode_events(outcome.events)
            prev, self.hash = self.hash, chain_hash(self.hash, outcome.seq, self.at, body)
            self.records.append(Record(outcome.seq, self.at, body, prev, self.hash))
        return outcome

    def open_account(self, name: str, limits: Limits) -> None:
        """Open an account with a billion, armed and reconciled."""
        cash = 10**9 * PRICE_ONE
        self.do(i.OpenAccount(terms=AccountTerms(name, "paper", opening_cash=cash)))
        self.do(i.ChangeLimits(account=name, limits=limits))
        session = Session("2026-01-06", START - 10**13, START + 10**15, "bench")
        self.do(i.SessionScheduled(account=name, session=session))
        self.do(i.AccountReconciled(broker="paper", account=name, cash=cash, positions=(), working=()))

    def quote(self, symbol: str, bid: int, ask: int) -> object:
        """Bring a quote, in cents."""
        cent = PRICE_ONE // 100
        size = 1000 * QTY_ONE
        return self.do(i.QuoteReceived(quote=Quote(f"eq:US:{symbol}", self.at, bid * cent, ask * cent, size, size)))

    def order(
        self, account: str = "A0", symbol: str = "SPY", cents: int = 45_000, side: Side = Side.BUY
    ) -> i.SubmitOrder:
        """Return a fresh limit order of one share."""
        self.orders += 1
        return i.SubmitOrder(
            account=account, client_order_id=f"B{self.orders}", symbol=symbol, side=side, order_qty=QTY_ONE,
            order_type=OrderType.LIMIT, limit_price=cents * PRICE_ONE // 100,
        )  # fmt: skip
