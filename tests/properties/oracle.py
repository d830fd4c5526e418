"""A slow, independent twin of the gate: semantics.md sections 2, 3, 5 and 12 in Decimal, scanning everything.

It hears what a journal hears (events) and what a feed says (quotes), keeps lists, and works
every figure out from scratch at each question. It shares no arithmetic with the engine:
amounts are Decimals in natural units, limits are asked layer by layer instead of merged,
and no sum is ever carried on.
"""

from decimal import ROUND_CEILING, Context, Decimal, localcontext
from itertools import pairwise
from typing import Any

from stopline.messages import events as e
from stopline.messages import inputs as i
from stopline.model.account import AccountTerms
from stopline.model.capabilities import Capabilities
from stopline.model.fill import Fill
from stopline.model.instrument import AssetClass, Instrument, InstrumentStatus
from stopline.model.limits import Limits, RateWindow, ScopeKind, SymbolLimit
from stopline.model.order import OrderClass, OrderRequest, OrderType, Side, TimeInForce

EXACT = Context(prec=80)

CENT = Decimal("0.00000001")
MINUTE = 60 * 10**9
TOO_MUCH = Decimal(2**63 - 1)
HARD = frozenset({"order_well_formed", "duplicate_order", "trading_state", "connection"})
"""What is no limit denies even where limits only warn."""
ON_SCOPES = (
    "max_position max_position_qty max_contracts max_open_positions gross_exposure net_exposure concentration "
    "sector_concentration tag_concentration leverage buying_power"
).split()
"""Limits that hang on a strategy, user, group or firm and are measured on what it holds itself."""
SCOPED_CHECKS = (
    "max_position max_contracts max_open_positions gross_exposure net_exposure concentration leverage buying_power"
).split()
PRECEDENCE = """
    order_well_formed duplicate_order trading_state daily_loss drawdown max_order_qty max_order_notional
    max_position max_contracts max_open_positions gross_exposure net_exposure concentration leverage
    buying_power open_risk stop_required short_sale instrument_allowed session_hours connection
    quote_usable price_collar self_match trade_frequency order_rate
""".split()


def price(scaled: int | None) -> Decimal | None:
    return None if scaled is None else Decimal(scaled).scaleb(-8)


def size(scaled: int) -> Decimal:
    return Decimal(scaled).scaleb(-9)


def share(scaled: int) -> Decimal:
    return Decimal(scaled).scaleb(-6)


def up(amount: Decimal) -> Decimal:
    """Round an amount of money up, away from what the trader would like."""
    return amount.quantize(CENT, ROUND_CEILING)


class Quote:
    """The newest quote of one instrument, and the mark that quotes have made so far."""

    def __init__(self) -> None:
        self.bid: Decimal | None = None
        self.ask: Decimal | None = None
        self.bid_size = self.ask_size = Decimal(0)
        self.at = self.valid_until = 0
        self.usable = False
        self.last: Decimal | None = None
        self.last_at = 0
        self.mark: Decimal | None = None
        self.mark_at = 0

    def hear(self, quote: Any, at: int, instrument: Instrument) -> None:
        self.bid, self.ask, self.at, self.valid_until = price(quote.bid), price(quote.ask), at, quote.valid_until
        self.bid_size, self.ask_size = size(quote.bid_size), size(quote.ask_size)
        self.usable = self._is_usable(instrument)
        last = price(quote.last_price)
        if last is not None and (last > 0 or instrument.price_may_be_negative):
            self.last, self.last_at = last, at
        mark = self.last if self.last is not None and at - self.last_at <= MINUTE else None
        if self.usable and self.bid is not None and self.ask is not None:
            middle = ((self.bid + self.ask) / 2).quantize(CENT, "ROUND_FLOOR")
            mark = middle if mark is None else min(max(mark, self.bid), self.ask)
        if mark is not None:
            self.mark, self.mark_at = mark, at
        elif at - self.mark_at > MINUTE:
            self.mark = None

    def _is_usable(self, instrument: Instrument) -> bool:
        if self.bid is None or self.ask is None or self.bid > self.ask:
            return False
        if self.bid <= 0 and not instrument.price_may_be_negative:
            return False
        return (self.ask - self.bid) <= abs(self.bid + self.ask) / 2 / 10

    def expire(self, at: int) -> None:
        if at > self.valid_until and at - self.mark_at > MINUTE:
            self.mark = None

    def stands(self, at: int, max_age: int | None) -> bool:
        return at <= self.valid_until if self.valid_until else max_age is None or at - self.at <= max_age

    def reference(self, at: int, max_age: int) -> Decimal | None:
        if self.usable and self.stands(at, max_age) and self.bid is not None and self.ask is not None:
            return ((self.bid + self.ask) / 2).quantize(CENT, "ROUND_FLOOR")
        return self.last if self.last is not None and at - self.last_at <= MINUTE else None


class Order:
    """One order: its terms, what has filled, and what it is held at."""

    def __init__(self, request: OrderRequest, actor: str, client: str, at: int) -> None:
        self.request, self.actor, self.client, self.at = request, actor, client, at
        self.instrument_id, self.sign = request.instrument_id, 1 if request.side is Side.BUY else -1
        self.qty, self.cum = size(request.order_qty), Decimal(0)
        self.limit, self.stop = price(request.limit_price), price(request.stop_price)
        self.reserve: Decimal | None = None
        self.reducing = self.external = False
        self.live = True
        self.pending: tuple[Decimal, Decimal | None, Decimal | None, Decimal | None] | None = None
        self.was_exit = False
        self.asked, self.kind = self.qty, request.order_type
        self.is_held = self.is_managed = False
        self.routed = ""

    @property
    def leaves(self) -> list[tuple[Decimal, Decimal | None]]:
        """Return (quantity, reserve price) of the old and, while a replace is under way, of the new terms."""
        if not self.live or (self.is_held and self.reducing):
            return []
        parts = [(max(self.qty - self.cum, Decimal(0)), self.reserve)]
        if self.pending is not None:
            parts.append((max(self.pending[0] - self.cum, Decimal(0)), self.pending[3]))
        return parts

    def held(self, instrument: Instrument) -> tuple[Decimal, Decimal, bool]:
        """Return (quantity, money, is unvalued): old plus new, or the larger for an exit replaced in place."""
        multiplier = price(instrument.multiplier) or Decimal(0)
        qtys = [qty for qty, _ in self.leaves]
        money = [Decimal(0) if at is None else up(qty * at * multiplier) for qty, at in self.leaves]
        unvalued = any(at is None and qty > 0 for qty, at in self.leaves)
        if not qtys:
            return Decimal(0), Decimal(0), False
        if self.reducing and qtys[-1] <= qtys[0]:
            return max(qtys), max(money), unvalued
        return sum(qtys, Decimal(0)), sum(money, Decimal(0)), unvalued

    def resting(self) -> Decimal | None:
        """Return the limit at which it may trade soonest, if it rests at one."""
        if not self.live or self.is_held or self.kind not in (OrderType.LIMIT, OrderType.STOP_LIMIT):
            return None
        given = [limit for limit in (self.limit, self.pending[1] if self.pending else None) if limit is not None]
        return None if not given else max(given) if self.sign > 0 else min(given)


class Scene:
    """What one ledger (an account, or a scope of its own) holds and works, counted out once."""

    def __init__(self, oracle: "Oracle", members: list[tuple[str, str, str]]) -> None:
        self.oracle, self.members = oracle, members
        self.orders = [
            order
            for order in oracle.orders.values()
            if order.live and self._counts(order.request.account, order.request.strategy, order.actor)
        ]
        self._held: dict[str, Decimal] = {}
        self._working: dict[tuple[str, int], tuple[Decimal, Decimal]] = {}
        self._unvalued: set[str] = set()
        for fill, strategy, actor in oracle.fills.values():
            if self._counts(fill.account, strategy, actor):
                signed = size(fill.qty) if fill.side is Side.BUY else -size(fill.qty)
                self._held[fill.instrument_id] = self.position(fill.instrument_id) + signed
        for order in self.orders:
            qty, money, unvalued = order.held(oracle.instruments[order.instrument_id])
            before = self.working(order.instrument_id, order.sign)
            self._working[order.instrument_id, order.sign] = (before[0] + qty, before[1] + money)
            if unvalued:
                self._unvalued.add(order.instrument_id)

    def _counts(self, account: str, strategy: str, actor: str) -> bool:
        return any(
            account == name and own in ("", strategy) and user in ("", actor) for name, own, user in self.members
        )

    def position(self, instrument_id: str) -> Decimal:
        return self._held.get(instrument_id, Decimal(0))

    def working(self, instrument_id: str, sign: int) -> tuple[Decimal, Decimal]:
        """Return quantity and money of the working orders on one side."""
        return self._working.get((instrument_id, sign), (Decimal(0), Decimal(0)))

    def live(self, instrument_id: str, sign: int, *, exits: bool = True) -> Decimal:
        """Return the quantity that the broker has on one side; without `exits`, what of it opens or may."""
        return sum(
            (
                order.held(self.oracle.instruments[instrument_id])[0]
                for order in self.orders
                if order.instrument_id == instrument_id
                and order.sign == sign
                and not order.is_held
                and (exits or not order.reducing)
            ),
            Decimal(0),
        )

    def instruments(self) -> list[str]:
        """Return what is held or worked."""
        named = dict.fromkeys([*self._held, *(name for name, _ in self._working)])
        return [name for name in named if self.position(name) or self.working(name, 1)[0] or self.working(name, -1)[0]]

    def is_unpriced(self, instrument_id: str) -> bool:
        if self.position(instrument_id) and self.oracle.mark(instrument_id) is None:
            return True
        return instrument_id in self._unvalued

    def interval(self, instrument_id: str, sign: int = 0, more: Decimal = Decimal(0)) -> tuple[Decimal, Decimal]:
        """Return (highest, lowest): all buys fill, all sells fill; with `more` on one side."""
        held = self.position(instrument_id)
        high, low = held + self.working(instrument_id, 1)[0], held - self.working(instrument_id, -1)[0]
        return (high + more, low) if sign > 0 else (high, low - more)

    def worst_qty(self, instrument_id: str, sign: int = 0, more: Decimal = Decimal(0)) -> Decimal:
        return max(abs(end) for end in self.interval(instrument_id, sign, more))

    def worth(self, instrument_id: str, sign: int, money: Decimal) -> tuple[Decimal, Decimal]:
        """Return (value with all buys, value with all sells), `money` more on one side."""
        held, mark = self.position(instrument_id), self.oracle.mark(instrument_id)
        multiplier = price(self.oracle.instruments[instrument_id].multiplier) or Decimal(0)
        value = Decimal(0)
        if held and mark is not None:
            value = up(abs(held * mark) * multiplier) * (1 if held > 0 else -1)
        high = value + self.working(instrument_id, 1)[1]
        low = value - self.working(instrument_id, -1)[1]
        return (high + money, low) if sign > 0 else (high, low - money)

    def worst_money(self, instrument_id: str, sign: int = 0, more: Decimal = Decimal(0), money: Any = 0) -> Decimal:
        """Return max(|all buys|, |all sells|) in money; a future is never worth less than its margin."""
        worst = max(abs(end) for end in self.worth(instrument_id, sign, Decimal(money)))
        margin = self.futures_margin(instrument_id, sign, more)
        return max(worst, margin) if margin is not None else worst

    def futures_margin(self, instrument_id: str, sign: int, more: Decimal) -> Decimal | None:
        instrument = self.oracle.instruments[instrument_id]
        each = price(instrument.initial_margin)
        if instrument.asset_class is not AssetClass.FUTURE or each is None:
            return None
        return up(self.worst_qty(instrument_id, sign, more) * each)


class Opinion:
    """What the oracle thinks of an order."""

    def __init__(self, check: str, reducing: bool, reserve: Decimal | None, failing: list[str]) -> None:
        self.check, self.reducing, self.reserve, self.failing = check, reducing, reserve, failing

    def __repr__(self) -> str:
        return f"Opinion({self.check or 'approved'}, reducing={self.reducing}, failing={self.failing})"


class Oracle:
    """All that was heard, and what the gate must say of an order."""

    def __init__(self) -> None:
        self.instruments: dict[str, Instrument] = {}
        self.symbols: dict[str, str] = {}
        self.terms: dict[str, AccountTerms] = {}
        self.capabilities: dict[str, Capabilities | None] = {}
        self.connected: dict[str, bool] = {}
        self.layers: dict[str, Limits] = {}
        self.symbol_limits: dict[tuple[str, str], SymbolLimit] = {}
        self.restrictions: dict[tuple[str, str], dict[str, str]] = {}
        self.orders: dict[tuple[str, str], Order] = {}
        self.fills: dict[tuple[str, str], tuple[Fill, str, str]] = {}
        self.decided: dict[tuple[str, str], OrderRequest] = {}
        self.entries: list[tuple[int, str, Order]] = []
        self.trades: list[tuple[int, str]] = []
        self.cash: dict[str, Decimal] = {}
        self.baseline: dict[str, Decimal | None] = {}
        self.transfers: dict[str, Decimal] = {}
        self.quotes: dict[str, Quote] = {}
        self.at = 0
        self._answers: dict[Any, Any] = {}
        """What was worked out since the last news."""

    # --- hearing -------------------------------------------------------------------------------

    def hear(self, message: i.Input, said: tuple[e.Event, ...], at: int) -> None:
        """Take what came in and what was said about it."""
        with localcontext(EXACT):
            self._hear(message, said, at)

    def _hear(self, message: i.Input, said: tuple[e.Event, ...], at: int) -> None:
        self.at = at
        self._answers = {}
        if isinstance(message, i.QuoteReceived):
            instrument = self.instruments.get(message.quote.instrument_id)
            if instrument is not None:
                quote = self.quotes.setdefault(instrument.instrument_id, Quote())
                quote.hear(message.quote, at, instrument)
        if isinstance(message, i.MarkPnl):
            for quote in self.quotes.values():
                quote.expire(at)
        for event in said:
            take = getattr(self, f"on_{type(event).__name__}", None)
            if take is not None:
                take(event)
                self._answers = {}

    def on_InstrumentListed(self, event: e.InstrumentListed) -> None:
        self.instruments[event.instrument.instrument_id] = event.instrument
        self.symbols[event.instrument.symbol] = event.instrument.instrument_id
        self.symbols[event.instrument.instrument_id] = event.instrument.instrument_id

    def on_AccountOpened(self, event: e.AccountOpened) -> None:
        name = event.terms.account
        self.terms[name] = event.terms
        self.cash.setdefault(name, price(event.terms.opening_cash) or Decimal(0))
        self.baseline.setdefault(name, None)
        self.transfers.setdefault(name, Decimal(0))

    def on_SessionOpened(self, event: e.SessionOpened) -> None:
        self.baseline[event.account] = price(event.baseline)
        self.transfers[event.account] = Decimal(0)
        self.trades = [trade for trade in self.trades if trade[1] != event.account]

    def on_BrokerStatusChanged(self, event: e.BrokerStatusChanged) -> None:
        self.connected[event.broker] = event.connected
        if event.capabilities is not None:
            self.capabilities[event.broker] = event.capabilities

    def on_RestrictionPlaced(self, event: e.RestrictionPlaced) -> None:
        self.restrictions.setdefault((event.scope, event.scope_id), {})[event.key] = str(event.state)

    def on_RestrictionLifted(self, event: e.RestrictionLifted) -> None:
        self.restrictions.get((event.scope, event.scope_id), {}).pop(event.key, None)

    def on_LimitsChanged(self, event: e.LimitsChanged) -> None:
        wide = event.scope in (ScopeKind.FIRM, ScopeKind.GROUP)
        self.layers[f"{event.scope}:{event.scope_id if wide else f'{event.account}:{event.scope_id}'}"] = event.limits

    def on_SymbolLimitChanged(self, event: e.SymbolLimitChanged) -> None:
        self.symbol_limits[event.account, event.symbol] = event.limit

    def on_CashReported(self, event: e.CashReported) -> None:
        """Cash is what was paid in, and what the broker added to it; fills are added up anew each time."""
        self.cash[event.account] += price(event.difference) or Decimal(0)

    def on_CashMoved(self, event: e.CashMoved) -> None:
        self.cash[event.account] += price(event.amount) or Decimal(0)
        self.transfers[event.account] += price(event.amount) or Decimal(0)

    def on_OrderApproved(self, event: e.OrderApproved) -> None:
        request = event.request
        order = Order(request, event.actor, event.client, self.at)
        order.reducing, order.reserve = event.reducing, price(event.reserve_price)
        order.is_held = order.is_managed = event.hold is not None
        order.routed = event.routed_order_id
        self.orders[request.account, request.client_order_id] = order
        self.decided[request.account, request.client_order_id] = request
        if not event.reducing:
            self.entries.append((self.at, request.account, order))

    def on_OrderDenied(self, event: e.OrderDenied) -> None:
        self.decided[event.request.account, event.request.client_order_id] = event.request

    def on_ExternalOrderBooked(self, event: e.ExternalOrderBooked) -> None:
        order = Order(event.request, event.broker, "", self.at)
        order.external, order.reserve, order.cum = True, price(event.reserve_price), size(event.cum_qty)
        self.orders[event.request.account, event.request.client_order_id] = order

    def on_OrderReleased(self, event: e.OrderReleased) -> None:
        sent = event.order.request
        order = self.orders[sent.account, sent.client_order_id]
        order.is_held, order.routed, order.kind = False, event.order.routed_order_id, sent.order_type
        order.qty = order.cum + size(sent.order_qty)
        order.asked = max(order.asked, order.qty)
        order.reserve = price(event.order.reserve_price)

    def on_OrderHeld(self, event: e.OrderHeld) -> None:
        order = self.orders[event.account, event.client_order_id]
        order.is_held = order.is_managed = True
        order.qty, order.kind, order.pending = order.asked, order.request.order_type, None

    def on_StopTrailed(self, event: e.StopTrailed) -> None:
        self.orders[event.account, event.client_order_id].stop = price(event.stop_price)

    def on_CancelRequested(self, event: e.CancelRequested) -> None:
        if event.is_recall:
            self.orders[event.account, event.client_order_id].is_managed = True

    def _end(self, event: Any) -> None:
        order = self.orders[event.account, event.client_order_id]
        order.live, order.pending = False, None

    on_OrderRejected = on_OrderCanceled = on_OrderExpired = _end

    def on_ReplaceApproved(self, event: e.ReplaceApproved) -> None:
        order = self.orders[event.account, event.client_order_id]
        new = size(event.order_qty)
        if order.reducing and new > order.qty:
            scene = self.scene((event.account, "", ""))
            more = scene.live(order.instrument_id, order.sign) + new - order.cum
            held = scene.position(order.instrument_id)
            if not (held - more >= 0 and held > 0 if order.sign < 0 else held + more <= 0 and held < 0):
                order.reducing, order.was_exit = False, True
        order.pending = (new, price(event.limit_price), price(event.stop_price), price(event.reserve_price))

    def on_OrderReplaced(self, event: e.OrderReplaced) -> None:
        order = self.orders[event.account, event.client_order_id]
        if order.pending is not None and order.pending[3] is not None:
            order.reserve = order.pending[3]
        if size(event.order_qty) != order.qty:
            order.asked = size(event.order_qty)
        order.qty, order.limit, order.stop = size(event.order_qty), price(event.limit_price), price(event.stop_price)
        given = [abs(one) for one in (order.limit, order.stop) if one is not None]
        if order.reserve is not None:
            order.reserve = max(order.reserve, *given) if given else order.reserve
        order.pending, order.was_exit = None, False
        order.live = order.cum < order.qty

    def on_ReplaceRejected(self, event: e.ReplaceRejected) -> None:
        order = self.orders[event.account, event.client_order_id]
        order.reducing = order.reducing or order.was_exit
        order.pending, order.was_exit = None, False
        order.live = order.live and order.cum < order.qty

    def on_OrderFilled(self, event: e.OrderFilled) -> None:
        fill = event.fill
        order = self.orders[fill.account, event.client_order_id]
        if order.cum == 0 and not order.reducing and not order.external and not fill.replaces:
            self.trades.append((self.at, fill.account))
        if order.is_managed and not order.is_held and order.live and fill.routed_order_id != order.routed:
            order.qty += size(fill.qty)
        order.cum += size(fill.qty)
        self.fills[fill.account, fill.exec_id] = (fill, order.request.strategy, order.actor)
        self._answers = {}
        wanted = max([order.qty] + ([order.pending[0]] if order.pending else []))
        if self.scene((fill.account, "", "")).position(fill.instrument_id):
            wanted = max(wanted, order.asked)
        if order.cum >= wanted:
            order.live, order.pending = False, None

    def on_ExternalFilled(self, event: e.ExternalFilled) -> None:
        self.fills[event.fill.account, event.fill.exec_id] = (event.fill, "", "")

    # --- figures -----------------------------------------------------------------------------------

    def mark(self, instrument_id: str) -> Decimal | None:
        quote = self.quotes.get(instrument_id)
        return None if quote is None else quote.mark

    def scene(self, *members: tuple[str, str, str]) -> Scene:
        """Return what these accounts (strategies, users) hold and work, counted out since the last news."""
        if members not in self._answers:
            self._answers[members] = Scene(self, list(members))
        found: Scene = self._answers[members]
        return found

    def equity(self, account: str) -> Decimal | None:
        """Return the account's equity; None while something is unpriced."""
        if account not in self._answers:
            self._answers[account] = self._equity(account)
        found: Decimal | None = self._answers[account]
        return found

    def _equity(self, account: str) -> Decimal | None:
        """Return cash, less what every fill cost, and what is held at its mark: the same for futures."""
        scene = self.scene((account, "", ""))
        if any(scene.position(name) and self.mark(name) is None for name in scene.instruments()):
            return None
        total = self.cash[account]
        for fill, _, _ in self.fills.values():
            if fill.account == account:
                multiplier = price(self.instruments[fill.instrument_id].multiplier) or Decimal(0)
                paid = size(fill.qty) * (price(fill.price) or Decimal(0)) * multiplier
                total -= (paid if fill.side is Side.BUY else -paid) + (price(fill.fee) or Decimal(0))
        for name in scene.instruments():
            mark = self.mark(name)
            if mark is not None:
                total += scene.position(name) * mark * (price(self.instruments[name].multiplier) or Decimal(0))
        return total

    def day_pnl(self, account: str) -> Decimal | None:
        now, then = self.equity(account), self.baseline[account]
        return None if now is None or then is None else now - then - self.transfers[account]

    def severity(self, account: str) -> int:
        order = ["active", "reducing", "cancel_only", "halted"]
        terms = self.terms[account]
        keys = [("account", account), ("group", terms.group), ("firm", terms.firm)]
        return max((order.index(state) for key in keys for state in self.restrictions.get(key, {}).values()), default=0)

    def figures(self, asked: i.SubmitOrder) -> tuple[int | None, ...]:
        """Return equity, day P&L, position and working quantities of the account, as scaled ints."""
        with localcontext(EXACT):
            scene, name = self.scene((asked.account, "", "")), self.symbols.get(asked.symbol, "")
            money = [None if one is None else int(one.scaleb(8)) for one in self._equity_and_pnl(asked.account)]
            qtys = (scene.position(name), scene.working(name, 1)[0], scene.working(name, -1)[0])
            return (*money, *(int(one.scaleb(9)) for one in qtys))

    def _equity_and_pnl(self, account: str) -> tuple[Decimal | None, Decimal | None]:
        return self.equity(account), self.day_pnl(account)

    # --- the question -------------------------------------------------------------------------------

    def judge(self, asked: i.SubmitOrder, at: int, replaces: Order | None = None) -> Opinion:
        """Say what the gate must say of an order, or of a change of one."""
        self.at = at
        instrument = self.instruments.get(self.symbols.get(asked.symbol, ""))
        if instrument is None:
            return Opinion("order_well_formed", False, None, ["order_well_formed"])
        with localcontext(EXACT):
            return Question(self, asked, instrument, replaces).answer()


class Question:
    """One order before the gate."""

    def __init__(self, oracle: Oracle, asked: i.SubmitOrder, instrument: Instrument, replaces: Order | None) -> None:
        self.oracle, self.asked, self.instrument, self.replaces = oracle, asked, instrument, replaces
        self.at, self.account, self.id = oracle.at, asked.account, instrument.instrument_id
        self.terms = oracle.terms[asked.account]
        self.sign = 1 if asked.side is Side.BUY else -1
        self.qty = size(asked.order_qty) - (replaces.cum if replaces else Decimal(0))
        self.limit, self.stop = price(asked.limit_price), price(asked.stop_price)
        self.multiplier = price(instrument.multiplier) or Decimal(0)
        self.quote = oracle.quotes.get(self.id)
        self.scene = oracle.scene((self.account, "", ""))
        self.scopes = self._scopes()
        own = oracle.layers.get(f"account:{self.account}:", Limits())
        self.layers = [own] + [
            Limits(**{n: getattr(one, n) for n in Limits.__struct_fields__ if n not in ON_SCOPES})
            for one in (oracle.layers.get(key) for key, _ in self.scopes)
            if one is not None
        ]
        self.classes = {kind for layer in self.layers for kind in layer.money_classes}
        ages = [layer.quote_max_age for layer in self.layers if layer.quote_max_age is not None]
        self.max_age = min(ages) if ages else None
        self.worst = self._worst_price()
        mark = oracle.mark(self.id)
        self.reserve = None if self.worst is None else max(self.worst, abs(mark)) if mark is not None else self.worst
        self.notional = None if self.worst is None else up(self.qty * self.worst * self.multiplier)
        self.is_behind = self._is_behind_exits()
        self.reducing = self._reduces(self.scene)
        self.equity, self.pnl = oracle.equity(self.account), oracle.day_pnl(self.account)

    def _scopes(self) -> list[tuple[str, list[tuple[str, str, str]]]]:
        """Return the scopes beside the account that this order counts in, each with whose orders those are."""
        found, terms, asked = [], self.terms, self.asked
        for kind in ("firm", "group"):
            name = getattr(terms, kind)
            if name:
                members = [(one, "", "") for one, other in self.oracle.terms.items() if getattr(other, kind) == name]
                found.append((f"{kind}:{name}", members))
        if asked.actor != "local":
            found.append((f"user:{self.account}:{asked.actor}", [(self.account, "", asked.actor)]))
        if asked.strategy:
            found.append((f"strategy:{self.account}:{asked.strategy}", [(self.account, asked.strategy, "")]))
        return found

    def _worst_price(self) -> Decimal | None:
        kind, quote = self.asked.order_type, self.quote
        good = quote if quote is not None and quote.usable and quote.stands(self.at, self.max_age) else None
        if kind in (OrderType.LIMIT, OrderType.STOP_LIMIT):
            if self.limit is None:
                return None
            if self.sign < 0 and good is not None and good.bid is not None:
                return max(abs(self.limit), abs(good.bid))
            return abs(self.limit)
        market = None
        touch = None if good is None else good.ask if self.sign > 0 else good.bid
        if touch is not None:
            market = up(abs(touch) * Decimal("1.01"))
        if kind is OrderType.MARKET or self.stop is None:
            return market
        return abs(self.stop) if market is None else max(abs(self.stop), market)

    def _reduces(self, scene: Scene) -> bool:
        """Return whether the order provably reduces, whatever else fills."""
        held = scene.position(self.id)
        if held == 0 or self.qty <= 0:
            return False
        if self.is_behind:
            return (held > 0) == (self.sign < 0) and self.qty <= abs(held)
        working, more = scene.live(self.id, self.sign), self.qty
        old = self.replaces
        if old is not None and old.live and old.sign == self.sign and self._in_place(old):
            holds = old.held(self.instrument)[0]
            working, more = working - holds, max(more, holds)
        return held - working - more >= 0 if self.sign < 0 else held + working + more <= 0

    def _is_behind_exits(self) -> bool:
        """Return whether only the account's own exits keep the order from reducing, and it can wait for them."""
        asked, held = self.asked, self.scene.position(self.id)
        if asked.extended_hours or asked.time_in_force in (TimeInForce.IOC, TimeInForce.FOK):
            return False
        if self.replaces is not None or not 0 < self.qty <= abs(held) or (held > 0) != (self.sign < 0):
            return False
        everything = self.scene.live(self.id, self.sign)
        others = self.scene.live(self.id, self.sign, exits=False)
        return self.qty + others <= abs(held) < self.qty + everything

    def _in_place(self, old: Order) -> bool:
        if not old.reducing or self.qty > old.qty - old.cum or (old.stop is None) != (self.stop is None):
            return False
        if old.stop is None or self.stop is None:
            return True
        return self.stop >= old.stop if self.sign < 0 else self.stop <= old.stop

    def answer(self) -> Opinion:
        hard_only = not any(layer.enabled for layer in self.layers)
        failing = [name for name in PRECEDENCE if getattr(self, name)()]
        binding = failing
        if self.reducing:
            binding = [name for name in failing if name in ("order_well_formed", "duplicate_order", "trading_state")]
        if hard_only:
            binding = [name for name in binding if name in HARD]
        check = binding[0] if binding else self._in_scopes()
        return Opinion(check, self.reducing, self.reserve, failing)

    # --- the checks, in their order: True denies -------------------------------------------------

    def order_well_formed(self) -> bool:
        asked, instrument = self.asked, self.instrument
        if not self.reducing and (
            instrument.asset_class is AssetClass.OPTION
            or instrument.currency != self.terms.currency
            or asked.reduce_only
        ):
            return True
        if asked.currency and asked.currency != instrument.currency:
            return True
        return (
            self._bad_size()
            or self._bad_terms()
            or self._bad_prices()
            or self._bad_class()
            or self._bad_time()
            or self._bad_end()
            or self._untaken()
        )

    def _bad_size(self) -> bool:
        asked, instrument = self.asked, self.instrument
        if self.qty <= 0:
            return True
        if self.notional is not None and self.notional.scaleb(8) > TOO_MUCH:
            return True
        largest = self.scene.worst_qty(self.id, self.sign, self.qty).scaleb(9)
        gross = self._gross(self.scene)
        if not self.reducing and (largest > TOO_MUCH or (gross is not None and gross.scaleb(8) > TOO_MUCH)):
            return True
        if asked.notional is not None:
            return False
        fits = asked.order_qty % instrument.lot_size == 0 and asked.order_qty >= instrument.min_qty
        fits = fits and (instrument.max_qty is None or asked.order_qty <= instrument.max_qty)
        closes_all = self.reducing and self.qty == abs(self.scene.position(self.id))
        return not fits and not closes_all

    def _bad_terms(self) -> bool:
        asked = self.asked
        wants = {
            OrderType.MARKET: (False, False),
            OrderType.LIMIT: (True, False),
            OrderType.STOP: (False, True),
            OrderType.STOP_LIMIT: (True, True),
            OrderType.TRAILING_STOP: (False, None),
        }[asked.order_type]
        if (self.limit is not None) != wants[0] or (wants[1] is not None and (self.stop is not None) != wants[1]):
            return True
        trails = (asked.trail_amount is not None) + (asked.trail_percent is not None)
        if asked.order_type is not OrderType.TRAILING_STOP:
            return trails > 0
        amount, part = asked.trail_amount, asked.trail_percent
        good = (amount is not None and amount > 0) or (part is not None and 0 < part < 10**6)
        return trails != 1 or not good

    def _bad_prices(self) -> bool:
        asked, instrument = self.asked, self.instrument
        legs = (asked.take_profit, asked.stop_loss, asked.stop_loss_limit)
        if asked.order_class is OrderClass.SIMPLE and any(leg is not None for leg in legs):
            return True
        for given in (asked.limit_price, asked.stop_price, *legs):
            if given is not None and (
                given % instrument.tick_size or (given <= 0 and not instrument.price_may_be_negative)
            ):
                return True
        return asked.trail_amount is not None and asked.trail_amount % instrument.tick_size != 0

    def _bad_class(self) -> bool:
        """Return whether the legs are not those of the class, or lie where they could not be what they are called."""
        asked = self.asked
        kind, target, stop, bound = asked.order_class, asked.take_profit, asked.stop_loss, asked.stop_loss_limit
        if kind is OrderClass.SIMPLE:
            return False
        if bound is not None and stop is None:
            return True
        legs = (target is not None) + (stop is not None)
        if kind is OrderClass.OCO:
            if asked.order_type is not OrderType.LIMIT or target is not None or stop is None or not self.reducing:
                return True
            ladder = [asked.limit_price, None, stop, bound]
        else:
            if legs != (2 if kind is OrderClass.BRACKET else 1) or self.reducing:
                return True
            entry = asked.limit_price if asked.limit_price is not None else asked.stop_price
            ladder = [target, entry, stop, bound]
        falls = (self.sign > 0) != (kind is OrderClass.OCO)
        rungs = [rung if falls else -rung for rung in ladder[:3] if rung is not None]
        if any(upper <= lower for upper, lower in pairwise(rungs)):
            return True
        return bound is not None and stop is not None and (bound > stop if falls else bound < stop)

    def _bad_time(self) -> bool:
        asked = self.asked
        dated = asked.time_in_force is TimeInForce.GTD
        if dated != (asked.expire_at is not None) or (asked.expire_at is not None and asked.expire_at <= self.at):
            return True
        extended = asked.order_type is OrderType.LIMIT and asked.time_in_force in (TimeInForce.DAY, TimeInForce.GTC)
        return asked.extended_hours and not extended

    def _bad_end(self) -> bool:
        asked = self.asked
        spans = [span for span in (asked.cancel_after, asked.partial_timeout) if span is not None]
        if any(span <= 0 or span > 366 * 86_400 * 10**9 for span in spans):
            return True
        if asked.partial_timeout is not None and not asked.cancels_rest:
            return True
        if asked.cancels_rest and self.reducing:
            return True
        ends = asked.cancels_rest or asked.cancel_after is not None
        never_waits = asked.time_in_force in (TimeInForce.IOC, TimeInForce.FOK)
        return ends and (never_waits or asked.order_class is OrderClass.OCO)

    def _untaken(self) -> bool:
        offer, asked = self.oracle.capabilities.get(self.terms.broker), self.asked
        if offer is None:
            return False
        goes_as = {asked.order_type}
        if asked.order_type in (OrderType.STOP, OrderType.TRAILING_STOP):
            goes_as.add(OrderType.MARKET)
        if asked.order_type is OrderType.STOP_LIMIT:
            goes_as.add(OrderType.LIMIT)
        stands_for = {asked.time_in_force}
        if asked.time_in_force is TimeInForce.GTD:
            stands_for |= {TimeInForce.DAY, TimeInForce.GTC}
        return (
            not goes_as & set(offer.order_types)
            or not stands_for & set(offer.times_in_force)
            or (asked.extended_hours and not offer.extended_hours)
        )

    def duplicate_order(self) -> bool:
        if self.replaces is not None:
            return False
        if (self.account, self.asked.client_order_id) in self.oracle.decided:
            return True
        windows = [layer.duplicate_window for layer in self.layers if layer.duplicate_window]
        if not windows or self.reducing:
            return False
        return any(
            self.at - order.at < max(windows) and self._same(order)
            for (name, _), order in self.oracle.orders.items()
            if name == self.account
        )

    def _same(self, order: Order) -> bool:
        terms = ("side", "order_qty", "limit_price", "stop_price", "notional")
        same = all(getattr(order.request, name) == getattr(self.asked, name) for name in terms)
        return same and order.instrument_id == self.id

    def trading_state(self) -> bool:
        severity = self.oracle.severity(self.account)
        return severity > 0 and not (severity == 1 and self.reducing)

    def daily_loss(self) -> bool:
        limits = [one.daily_loss for one in self.layers if one.daily_loss is not None]
        return bool(limits) and (self.pnl is None or any(self.pnl <= -_money(most) for most in limits))

    def drawdown(self) -> bool:
        floors = [one.drawdown_floor for one in self.layers if one.drawdown_floor is not None]
        return bool(floors) and (self.equity is None or any(self.equity <= _money(floor) for floor in floors))

    def max_order_qty(self) -> bool:
        return any(one.max_order_qty is not None and self.qty > size(one.max_order_qty) for one in self.layers)

    def max_order_notional(self) -> bool:
        limits = [one.max_order_notional for one in self.layers if one.max_order_notional is not None]
        if not limits or self.instrument.asset_class not in self.classes:
            return False
        return self.notional is None or any(self.notional > _money(most) for most in limits)

    def _symbol_limits(self) -> list[SymbolLimit]:
        instrument = self.instrument
        names = dict.fromkeys((instrument.symbol, instrument.instrument_id, instrument.product))
        keys = [(self.account, name) for name in names]
        return [self.oracle.symbol_limits[key] for key in keys if key in self.oracle.symbol_limits]

    def max_position(self) -> bool:
        own = self.layers[0]
        return self._max_position(self.scene, own, self._symbol_limits(), self.classes)

    def _max_position(self, scene: Scene, limits: Limits, symbols: list[SymbolLimit], classes: set[AssetClass]) -> bool:
        by_product = self.instrument.asset_class is AssetClass.FUTURE
        siblings = [
            name
            for name in scene.instruments()
            if by_product and name != self.id and self.oracle.instruments[name].product == self.instrument.product
        ]
        qtys = [size(one.max_position_qty) for one in [limits, *symbols] if one.max_position_qty is not None]
        total = scene.worst_qty(self.id, self.sign, self.qty) + sum(scene.worst_qty(name) for name in siblings)
        if any(total > most for most in qtys):
            return True
        amounts = [one.max_position for one in symbols if one.max_position is not None]
        if limits.max_position is not None and self.instrument.asset_class in classes:
            amounts.append(limits.max_position)
        if not amounts:
            return False
        money = self._worst_money(scene)
        if money is None or any(scene.is_unpriced(name) for name in siblings):
            return True
        money += sum(scene.worst_money(name) for name in siblings)
        return any(money > _money(most) for most in amounts)

    def _worst_money(self, scene: Scene) -> Decimal | None:
        """Return the instrument's worst case in money with this order; None where it has no price."""
        if self.reserve is None or scene.is_unpriced(self.id):
            return None
        return scene.worst_money(self.id, self.sign, self.qty, up(self.qty * self.reserve * self.multiplier))

    def _gross(self, scene: Scene) -> Decimal | None:
        money = self._worst_money(scene)
        others = [name for name in scene.instruments() if name != self.id]
        if money is None or any(scene.is_unpriced(name) for name in others):
            return None
        return money + sum((scene.worst_money(name) for name in others), Decimal(0))

    def max_contracts(self) -> bool:
        return self._max_contracts(self.scene, self.layers[0])

    def _max_contracts(self, scene: Scene, limits: Limits) -> bool:
        if limits.max_contracts is None or self.instrument.asset_class is not AssetClass.FUTURE:
            return False
        total = Decimal(0)
        for name in dict.fromkeys([*scene.instruments(), self.id]):
            instrument = self.oracle.instruments[name]
            if instrument.asset_class is AssetClass.FUTURE:
                more = (self.sign, self.qty) if name == self.id else (0, Decimal(0))
                weighted = scene.worst_qty(name, *more) * share(instrument.contract_weight)
                total += weighted.quantize(Decimal("0.000001"), ROUND_CEILING)
        return total > share(limits.max_contracts)

    def max_open_positions(self) -> bool:
        return self._max_open_positions(self.scene, self.layers[0])

    def _max_open_positions(self, scene: Scene, limits: Limits) -> bool:
        most = limits.max_open_positions
        return most is not None and len({*scene.instruments(), self.id}) > most

    def gross_exposure(self) -> bool:
        return self._over(self._gross(self.scene), self.layers[0].gross_exposure, self.equity)

    def _over(self, amount: Decimal | None, limit: int | None, whole: Decimal | None) -> bool:
        """Return whether an amount is more than a share of a whole, or nobody can say."""
        if limit is None:
            return False
        return amount is None or whole is None or whole <= 0 or amount > share(limit) * whole

    def net_exposure(self) -> bool:
        return self._over(self._net(self.scene), self.layers[0].net_exposure, self.equity)

    def _net(self, scene: Scene) -> Decimal | None:
        if self._gross(scene) is None or self.reserve is None:
            return None
        high = low = Decimal(0)
        for name in dict.fromkeys([*scene.instruments(), self.id]):
            added = up(self.qty * self.reserve * self.multiplier) if name == self.id else Decimal(0)
            up_to, down_to = scene.worth(name, self.sign if name == self.id else 0, added)
            high, low = high + up_to, low + down_to
        return max(abs(high), abs(low))

    def concentration(self) -> bool:
        own = [one.concentration for one in self._symbol_limits() if one.concentration is not None]
        return self._concentration(self.scene, self.layers, own, self.classes, self.equity)

    def _concentration(
        self,
        scene: Scene,
        layers: list[Limits],
        shares: list[int],
        classes: set[AssetClass],
        equity: Decimal | None,
    ) -> bool:
        instrument = self.instrument
        shares = list(shares)
        if instrument.asset_class in classes:
            shares += [one.concentration for one in layers if one.concentration is not None]
        tags = instrument.tags.replace(",", " ").split()
        sectors = [one.sector_concentration for one in layers if one.sector_concentration is not None]
        by_tag = [one.tag_concentration for one in layers if one.tag_concentration is not None and tags]
        if not shares and not sectors and not by_tag:
            return False
        money = self._worst_money(scene)
        if money is None or equity is None or equity <= 0:
            return True
        if any(self._over(money, most, equity) for most in shares):
            return True
        groups = [(most, lambda other: other.sector == instrument.sector) for most in sectors]
        for tag in tags:
            groups += [(most, lambda other, tag=tag: tag in other.tags.replace(",", " ").split()) for most in by_tag]
        for most, belongs in groups:
            together = [n for n in scene.instruments() if n != self.id and belongs(self.oracle.instruments[n])]
            if any(scene.is_unpriced(name) for name in together):
                return True
            if self._over(money + sum(scene.worst_money(name) for name in together), most, equity):
                return True
        return False

    def leverage(self) -> bool:
        if self.instrument.asset_class not in self.classes:
            return False
        return self._over(self._gross(self.scene), self.layers[0].leverage, self.equity)

    def buying_power(self) -> bool:
        return self._buying_power(self.scene, self.layers[0], self.equity, self._ratio)

    def _ratio(self, instrument: Instrument) -> Decimal:
        if self.terms.margin_account and instrument.asset_class is not AssetClass.CRYPTO:
            return share(self.terms.initial_margin)
        return Decimal(1)

    def _buying_power(self, scene: Scene, limits: Limits, equity: Decimal | None, ratio: Any) -> bool:
        if not limits.buying_power:
            return False
        if equity is None or self._gross(scene) is None or self.reserve is None:
            return True
        total = Decimal(0)
        for name in dict.fromkeys([*scene.instruments(), self.id]):
            more = (self.sign, self.qty) if name == self.id else (0, Decimal(0))
            instrument = self.oracle.instruments[name]
            if instrument.asset_class is AssetClass.FUTURE:
                margin = scene.futures_margin(name, *more)
                if margin is None:
                    return True
                total += margin
                continue
            added = up(self.qty * self.reserve * self.multiplier) if name == self.id else Decimal(0)
            total += up(max(abs(end) for end in scene.worth(name, more[0], added)) * ratio(instrument))
        return total > equity

    def open_risk(self) -> bool:
        limits = [one.daily_loss for one in self.layers if one.daily_loss is not None]
        if not limits or not any(one.open_risk for one in self.layers):
            return False
        loss = self._risk_of_order()
        if self.pnl is None or loss is None:
            return True
        for name in self.scene.instruments():
            more = self._risk_of_position(name)
            if more is None:
                return True
            loss += more
        return any(loss - self.pnl > _money(most) for most in limits)

    def _risk_of_order(self) -> Decimal | None:
        stop = price(self.asked.stop_loss)
        if self.worst is None:
            return None
        if stop is not None and not self.instrument.price_may_be_negative:
            entry = self.worst if self.sign > 0 else self._least_of_a_sale()
            return up(self.qty * max((entry - stop) * self.sign, Decimal(0)) * self.multiplier)
        stress = self.instrument.stress_move
        return None if stress is None or self.notional is None else up(self.notional * share(stress))

    def _least_of_a_sale(self) -> Decimal:
        if self.limit is not None:
            return self.limit
        quote, given = self.quote, [] if self.stop is None else [self.stop]
        if quote is not None and quote.usable and quote.bid is not None:
            given.append(quote.bid - up(abs(quote.bid) * Decimal("0.01")))
        return min(given)

    def _risk_of_position(self, name: str) -> Decimal | None:
        """Return what is lost down to the stops, by a stress move where none stands, and by working entries."""
        scene, instrument = self.scene, self.oracle.instruments[name]
        if scene.is_unpriced(name):
            return None
        stress = None if instrument.stress_move is None else share(instrument.stress_move)
        held, mark = scene.position(name), self.oracle.mark(name)
        multiplier = price(instrument.multiplier) or Decimal(0)
        loss, entries = Decimal(0), Decimal(0)
        if held and mark is not None:
            worth = abs(held * mark * multiplier)
            covered, fetched = self._stops(name, -1 if held > 0 else 1)
            part = min(covered, abs(held))
            if part:
                at_mark, at_stop = worth * part / abs(held), fetched * part / covered
                loss = max(at_mark - at_stop if held > 0 else at_stop - at_mark, Decimal(0))
            if part < abs(held):
                if stress is None:
                    return None
                loss += worth * (abs(held) - part) / abs(held) * stress
        for sign in (1, -1):
            qty, money = scene.working(name, sign)
            exits = sum((o.held(instrument)[0] for o in self._exits(name, sign)), Decimal(0))
            if qty:
                entries += money if not exits else money * max(qty - exits, Decimal(0)) / qty
        if entries and stress is None:
            return None
        return loss + entries * (stress or 0)

    def _exits(self, name: str, sign: int) -> list[Order]:
        return [o for o in self.scene.orders if o.instrument_id == name and o.sign == sign and o.reducing]

    def _stops(self, name: str, sign: int) -> tuple[Decimal, Decimal]:
        instrument, covered, fetched = self.oracle.instruments[name], Decimal(0), Decimal(0)
        if instrument.price_may_be_negative:
            return covered, fetched
        for order in self._exits(name, sign):
            kinds = (OrderType.STOP, OrderType.STOP_LIMIT, OrderType.TRAILING_STOP)
            if order.kind in kinds and order.stop is not None:
                qty = order.held(instrument)[0]
                covered += qty
                fetched += up(qty * abs(order.stop) * (price(instrument.multiplier) or Decimal(0)))
        return covered, fetched

    def stop_required(self) -> bool:
        if not any(one.stop_required for one in self.layers):
            return False
        stop = price(self.asked.stop_loss)
        entry = self.limit if self.limit is not None else self.stop
        if entry is None and self.worst is not None and self.quote is not None:
            entry = self.quote.ask if self.sign > 0 else self.quote.bid
        return stop is None or (entry is not None and (entry - stop) * self.sign <= 0)

    def short_sale(self) -> bool:
        if self.sign > 0 or self.scene.interval(self.id, self.sign, self.qty)[1] >= 0:
            return False
        said = {one.short_sale for one in self.layers}
        kind, known = self.instrument.asset_class, self.instrument.shortable
        if kind is AssetClass.OPTION or False in said or known is False:
            return True
        if said == {True} or kind in (AssetClass.FUTURE, AssetClass.FOREX):
            return False
        return kind is AssetClass.CRYPTO or not self.terms.margin_account or not known

    def instrument_allowed(self) -> bool:
        for layer in self.layers:
            if any(self._named(pattern) for pattern in layer.deny):
                return True
            if layer.allow and not any(self._named(pattern) for pattern in layer.allow):
                return True
        return False

    def _named(self, pattern: str) -> bool:
        instrument = self.instrument
        if pattern == "*":
            return True
        if ":" not in pattern:
            return pattern in (instrument.symbol, instrument.product.split(":")[-1])
        head, star, tail = pattern.partition("*")
        for text in (instrument.instrument_id, instrument.product):
            if text == pattern or (star and text.startswith(head) and text[len(head) :].endswith(tail)):
                return True
        return False

    def session_hours(self) -> bool:
        status = self.instrument.status
        if status in (InstrumentStatus.LIMIT_LOCKED, InstrumentStatus.OFF_HOURS):
            return any(one.session_hours for one in self.layers)
        return status is not InstrumentStatus.OPEN

    def connection(self) -> bool:
        return not self.oracle.connected.get(self.terms.broker, False)

    def quote_usable(self) -> bool:
        spreads = [one.quote_max_spread for one in self.layers if one.quote_max_spread is not None]
        sizes = [one.quote_min_size for one in self.layers if one.quote_min_size is not None]
        if self.max_age is None and not spreads and not sizes:
            return False
        quote = self.quote
        if self.limit is not None:
            return False
        if quote is None or not quote.usable or quote.bid is None or quote.ask is None:
            return True
        if not quote.stands(self.at, self.max_age):
            return True
        middle = abs(quote.bid + quote.ask) / 2
        if any(quote.ask - quote.bid > share(most) * middle for most in spreads):
            return True
        there = quote.ask_size if self.sign > 0 else quote.bid_size
        return any(there < size(least) for least in sizes)

    def price_collar(self) -> bool:
        bands = [one.price_collar for one in self.layers if one.price_collar is not None]
        kind = self.asked.order_type
        if not bands or kind not in (OrderType.LIMIT, OrderType.MARKET):
            return False
        age = MINUTE if self.max_age is None else self.max_age
        reference = None if self.quote is None else self.quote.reference(self.at, age)
        at = self.limit
        if kind is OrderType.MARKET:
            at = None if self.quote is None else self.quote.ask if self.sign > 0 else self.quote.bid
        if not reference or at is None:
            return kind is OrderType.MARKET
        return any((at - reference) * self.sign > share(band) * abs(reference) for band in bands)

    def self_match(self) -> bool:
        if not any(one.self_match for one in self.layers):
            return False
        resting = [
            order.resting()
            for order in self.scene.orders
            if order.instrument_id == self.id and order.sign == -self.sign
        ]
        reach = self.limit if self.limit is not None else self._reach()
        return any(at is not None and (reach is None or (reach - at) * self.sign >= 0) for at in resting)

    def _reach(self) -> Decimal | None:
        """Return how far a market order may trade: one percent beyond a usable quote; None is anywhere."""
        quote = self.quote
        touch = None if quote is None or not quote.usable else quote.ask if self.sign > 0 else quote.bid
        if self.asked.order_type is not OrderType.MARKET or touch is None:
            return None
        return (touch + self.sign * abs(touch) / 100).quantize(CENT, "ROUND_FLOOR")

    def trade_frequency(self) -> bool:
        if self.replaces is not None:
            return False
        orders = self.scene.orders
        waiting = sum(1 for one in orders if not one.reducing and not one.external and one.cum == 0)
        trades = [at for at, account in self.oracle.trades if account == self.account]
        per_session = [one.trades_per_session for one in self.layers if one.trades_per_session is not None]
        if any(len(trades) + waiting + 1 > most for most in per_session):
            return True
        windows = [window for one in self.layers for window in one.trade_frequency]
        return any(sum(self.at - at < one.window for at in trades) + waiting + 1 > one.count for one in windows)

    def order_rate(self) -> bool:
        asked = self.asked
        return any(
            self._is_full(layer.order_rate, lambda order: True)
            or self._is_full(layer.order_rate_per_user, lambda order: order.actor == asked.actor)
            or (asked.client and self._is_full(layer.order_rate_per_client, lambda order: order.client == asked.client))
            or (
                asked.strategy
                and self._is_full(layer.order_rate_per_strategy, lambda o: o.request.strategy == asked.strategy)
            )
            or self._is_full(layer.order_rate_per_symbol, lambda order: order.instrument_id == self.id)
            for layer in self.layers
        )

    def _is_full(self, windows: tuple[RateWindow, ...], counts: Any) -> bool:
        entries = [at for at, name, order in self.oracle.entries if name == self.account and counts(order)]
        return any(sum(self.at - at < one.window for at in entries) + 1 > one.count for one in windows)

    # --- scopes of their own -------------------------------------------------------------------------

    def _in_scopes(self) -> str:
        """Return the first check that a strategy's, user's, group's or firm's own limits deny by."""
        for key, members in self.scopes:
            limits = self.oracle.layers.get(key)
            if limits is None:
                continue
            scene = self.oracle.scene(*members)
            if self._reduces(scene):
                continue
            for name in SCOPED_CHECKS:
                if self._denied_in(scene, name, limits, key):
                    return name
        return ""

    def _denied_in(self, scene: Scene, name: str, limits: Limits, key: str) -> bool:
        equity, classes = self.equity, set(limits.money_classes)
        ratio = self._ratio
        if key.startswith(("firm:", "group:")):
            each = [self.oracle.equity(account) for account, _, _ in scene.members]
            equity = None if any(one is None for one in each) else sum((one for one in each if one), Decimal(0))
            ratio = _all_of_it
        match name:
            case "max_position":
                return self._max_position(scene, limits, [], classes)
            case "max_contracts":
                return self._max_contracts(scene, limits)
            case "max_open_positions":
                return self._max_open_positions(scene, limits)
            case "gross_exposure":
                return self._over(self._gross(scene), limits.gross_exposure, equity)
            case "net_exposure":
                return self._over(self._net(scene), limits.net_exposure, equity)
            case "concentration":
                return self._concentration(scene, [limits], [], classes, equity)
            case "leverage":
                speaks = self.instrument.asset_class in classes
                return speaks and self._over(self._gross(scene), limits.leverage, equity)
            case _:
                return self._buying_power(scene, limits, equity, ratio)


def _money(scaled: int) -> Decimal:
    return Decimal(scaled).scaleb(-8)


def _all_of_it(instrument: Instrument) -> Decimal:
    """Where accounts with different terms come together, everything is margined in full."""
    return Decimal(1)
