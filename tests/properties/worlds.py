"""Random worlds: one seed, one story of quotes, orders, fills, limits and trouble; and what the oracle thinks of it.

Numbers are round, so that amounts often fall exactly on a limit.
"""

from random import Random
from typing import Any

from msgspec import structs

from stopline.messages import events as e
from stopline.messages import inputs as i
from stopline.messages import replies as r
from stopline.model.instrument import Instrument, InstrumentStatus
from stopline.model.limits import Limits, RateWindow, ScopeKind
from stopline.model.numbers import SECOND
from stopline.model.order import OrderClass, OrderState, OrderType, Side, TimeInForce
from stopline.state.orders import OrderRecord
from tests.build import AAPL, BTC, CALL, CL_MAY, ES_DEC, ES_MAR, EURUSD, MES_DEC, MSFT, TSLA, World, money, qty, ratio
from tests.properties.oracle import Opinion, Oracle
from tests.unit.checks.build import crypto, equity, future

TAGGED = equity("NVDA", sector="tech", tags="ai, chips")
ODD = equity("ODD", lot_size=qty("10"), min_qty=qty("20"), max_qty=qty("200"), shortable=None, tags="ai")
HARD = equity("HARD", shortable=False, stress_move=None)
BARE = future("ZZ", "2026-12", "100", initial_margin=None)
ETH = crypto("ETHUSD", shortable=True)
INSTRUMENTS = (AAPL, MSFT, TSLA, TAGGED, ODD, HARD, ES_DEC, ES_MAR, MES_DEC, BARE, CL_MAY, BTC, ETH, EURUSD, CALL)
CENTRES = {"fut": 2000, "cr": 1000, "eq": 100, "opt": 5, "fx": 1}
NO_NEWS = i.StoreFailing(reason="")
WORKING = (OrderState.WORKING, OrderState.PARTIALLY_FILLED)


class Difference(AssertionError):
    """The gate and its twin do not agree."""


class Story:
    """One random world. `play` goes on for some decisions and raises Difference where the twins part."""

    def __init__(self, seed: int) -> None:
        self.seed, self.rng, self.decisions, self.approvals = seed, Random(seed), 0, 0
        self.oracle = Oracle()
        rng = self.rng
        shared = {"firm": "house" if rng.random() < 0.3 else "", "group": "desk" if rng.random() < 0.2 else ""}
        self.world = world = World(
            cash=rng.choice(["1000", "20000", "100000", "1000000"]),
            instruments=rng.sample(INSTRUMENTS, rng.randint(4, len(INSTRUMENTS))),
            margin_account=rng.random() < 0.8,
            strict=False,
            **shared,
        )
        self._catch_up()
        if shared["firm"] or shared["group"]:
            world.open_account("A2", cash=rng.choice(["1000", "100000"]), **shared)
            self._heard()
            self._settle("A2")
        self.symbols = [instrument.symbol for instrument in world.state.instruments.values()]
        common = [name for name in self.symbols if name not in (EURUSD.symbol, CALL.symbol)]
        self.focus = rng.sample(common, min(3, len(common)))
        self.mood = rng.choice([0.0, 0.0, 0.05, 0.2])
        self.density = rng.choice([0.04, 0.12, 0.3])
        self.asked: i.SubmitOrder | None = None
        self._limit_everything()

    # --- doing and hearing ---------------------------------------------------------------------

    def _catch_up(self) -> None:
        """Let the oracle hear what was said while the world was made."""
        for record in self.world.records:
            self.oracle.hear(NO_NEWS, decode(record.body), record.at)

    def do(self, message: i.Input) -> r.Reply | None:
        reply = self.world.step(message)
        self.oracle.hear(message, self.world.said, self.world.at)
        return reply

    def _heard(self) -> None:
        """Let the oracle hear what the world was just told."""
        self.oracle.hear(NO_NEWS, self.world.said, self.world.at)

    def _settle(self, account: str) -> None:
        self.world.schedule(account)
        self._heard()
        self.world.reconcile(account)
        self._heard()

    # --- limits -------------------------------------------------------------------------------------

    def _limit_everything(self) -> None:
        rng = self.rng
        own = self._limits(per_kind=True)
        self.do(i.ChangeLimits(account="A1", limits=own))
        terms = self.world.account().terms
        scopes = [(ScopeKind.STRATEGY, "s1"), (ScopeKind.USER, "ann")]
        scopes += [
            (kind, name) for kind, name in ((ScopeKind.FIRM, terms.firm), (ScopeKind.GROUP, terms.group)) if name
        ]
        for kind, name in scopes:
            if rng.random() < 0.4:
                limits = structs.replace(self._limits(rare=True), money_classes=own.money_classes)
                self.do(i.ChangeLimits(account="A1", scope=kind, scope_id=name, limits=limits))
        for symbol in self.focus:
            if rng.random() < 0.3:
                self._limit_symbol(symbol)

    def _limit_symbol(self, symbol: str) -> None:
        rng = self.rng
        instrument = self.world.state.instruments[self.world.state.symbols[symbol]]
        name = rng.choice([symbol, instrument.instrument_id, instrument.product])
        limit = {
            "max_position": rng.choice([None, money("1000"), money("20000")]),
            "max_position_qty": rng.choice([None, qty("5"), qty("20")]),
            "concentration": rng.choice([None, ratio("0.1")]),
        }
        self.world.symbol_limit(name, **limit)
        self._heard()

    def _limits(self, *, rare: bool = False, per_kind: bool = False) -> Limits:
        """Return limits of which some are armed, near what orders here come to."""
        rng, chance = self.rng, self.density / 2 if rare else self.density
        choices: dict[str, list[Any]] = {
            "enabled": [False],
            "daily_loss": [money("100"), money("1000"), money("5000")],
            "drawdown_floor": [money("500"), money("19900"), money("99000")],
            "max_order_qty": [qty("10"), qty("50")],
            "max_order_notional": [money("1000"), money("5000"), money("20000")],
            "max_position": [money("2000"), money("10000"), money("50000")],
            "max_position_qty": [qty("10"), qty("50")],
            "max_contracts": [ratio("1"), ratio("2.5"), ratio("10")],
            "max_open_positions": [1, 2, 3],
            "gross_exposure": [ratio("0.5"), ratio("1"), ratio("3")],
            "net_exposure": [ratio("0.2"), ratio("1")],
            "concentration": [ratio("0.1"), ratio("0.25"), ratio("1")],
            "sector_concentration": [ratio("0.2")],
            "tag_concentration": [ratio("0.15")],
            "leverage": [ratio("0.5"), ratio("2")],
            "buying_power": [True],
            "open_risk": [True],
            "stop_required": [True],
            "short_sale": [True, False],
            "allow": [("eq:US:*", "fut:*"), ("*",), ("fut:ES", "cr:*")],
            "deny": [("TSLA",), ("fut:ES*",), ("cr:*", "opt:*")],
            "session_hours": [True],
            "quote_max_age": [SECOND, 5 * SECOND, 60 * SECOND],
            "quote_max_spread": [ratio("0.01"), ratio("0.05")],
            "quote_min_size": [qty("100"), qty("1")],
            "price_collar": [ratio("0.05"), ratio("0.01")],
            "self_match": [True],
            "duplicate_window": [SECOND, 10 * SECOND],
            "trade_frequency": [(RateWindow(2, 10 * SECOND),), (RateWindow(3, 60 * SECOND), RateWindow(1, SECOND))],
            "order_rate": [(RateWindow(2, SECOND),), (RateWindow(5, 10 * SECOND), RateWindow(2, SECOND))],
            "trades_per_session": [3, 8],
        }
        rarely = ("enabled", "stop_required", "allow", "deny", "short_sale", "drawdown_floor", "max_open_positions")
        if per_kind:
            for kind in ("user", "client", "strategy", "symbol"):
                choices[f"order_rate_per_{kind}"] = [(RateWindow(2, 5 * SECOND),)]
        armed: dict[str, Any] = {
            name: rng.choice(values)
            for name, values in choices.items()
            if rng.random() < (chance / 3 if name in rarely or name.startswith("order_rate_per") else chance)
        }
        if armed.get("open_risk"):
            armed["daily_loss"] = rng.choice(choices["daily_loss"])
        if rng.random() < 0.3 and not rare:
            armed["money_classes"] = tuple(rng.sample(["equity", "crypto", "forex", "future"], rng.randint(1, 4)))
            armed["money_classes"] = tuple(type(AAPL.asset_class)(name) for name in armed["money_classes"])
        return Limits(**armed)

    # --- the story ------------------------------------------------------------------------------------

    def play(self, decisions: int) -> None:
        """Go on until so many decisions were compared."""
        until = self.decisions + decisions
        acts = [
            (30, self.quote),
            (60, self.submit),
            (10, self.replace),
            (22, self.fill),
            (8, self.end),
            (4, self.acknowledge),
            (6, self.external_fill),
            (12, self.wait),
            (2, self.change_limits),
            (2, self.trouble),
            (1, self.relist),
            (2, self.external_order),
        ]
        doing, weights = [act for _, act in acts], [weight for weight, _ in acts]
        while self.decisions < until:
            self.rng.choices(doing, weights)[0]()

    def _instrument(self, symbol: str) -> Instrument:
        return self.world.state.instruments[self.world.state.symbols[symbol]]

    def _symbol(self) -> str:
        return self.rng.choice(self.focus if self.rng.random() < 0.85 else self.symbols)

    def _price(self, symbol: str) -> int:
        """Return a price near the instrument's centre, on its tick."""
        instrument, rng = self._instrument(symbol), self.rng
        centre = money(str(CENTRES[instrument.instrument_id.partition(":")[0]]))
        steps = rng.choice([0, 0, 1, -1, 2, 5, -5, 10, -10, rng.randint(-20, 20)])
        near = centre + centre * steps // 100
        if instrument.price_may_be_negative:
            near = money("20") * (steps + 1)
        return near // instrument.tick_size * instrument.tick_size

    def _size(self, symbol: str) -> int:
        instrument, rng = self._instrument(symbol), self.rng
        lots = rng.choice([1, 1, 2, 3, 5, 10, 10, 20, 50, rng.randint(1, 120)])
        if instrument.asset_class == "future":
            lots = rng.choice([1, 1, 2, 3, 10])
        if instrument.asset_class == "crypto":
            lots = rng.choice([1, 100, 10_000, 30_000, rng.randint(1, 50_000)])
        return lots * instrument.lot_size

    def quote(self) -> None:
        symbol, rng = self._symbol(), self.rng
        instrument, middle = self._instrument(symbol), self._price(symbol)
        half = instrument.tick_size * rng.choice([0, 1, 1, 2, 10, abs(middle) // instrument.tick_size // 18])
        terms: dict[str, Any] = {"bid": middle - half, "ask": middle + half}
        kind = rng.random()
        if kind < 0.03:
            terms = {"bid": middle + half + instrument.tick_size, "ask": middle - half}
        elif kind < 0.06:
            terms = {rng.choice(["bid", "ask"]): middle, "one_sided": True}
        elif kind < 0.09:
            terms = {"bid": instrument.tick_size, "ask": middle * 2}
        elif kind < 0.12:
            terms = {}
        if rng.random() < 0.3 or not terms:
            terms["last"] = self._price(symbol)
        if rng.random() < 0.1:
            terms["valid_until"] = self.world.at + rng.choice([SECOND, 60 * SECOND])
        sizes = {"bid_size": qty(rng.choice(["1", "50", "1000"])), "ask_size": qty(rng.choice(["1", "50", "1000"]))}
        last = terms.pop("last", None)
        terms.pop("one_sided", None)
        prices = {name: value for name, value in terms.items() if name in ("bid", "ask", "valid_until")}
        if last is not None:
            prices["last_price"] = last
        from stopline.model.quote import Quote

        self.do(i.QuoteReceived(quote=Quote(instrument.instrument_id, self.world.at, **prices, **sizes)))

    def _asking(self) -> i.SubmitOrder:
        rng, symbol = self.rng, self._symbol()
        if self.asked is not None and rng.random() < 0.12:
            return structs.replace(self.asked, client_order_id=f"again-{self.world.state.seq}-{self.decisions}")
        kind = rng.choices(
            [OrderType.LIMIT, OrderType.MARKET, OrderType.STOP, OrderType.STOP_LIMIT, OrderType.TRAILING_STOP],
            [70, 15, 8, 4, 3],
        )[0]
        terms: dict[str, Any] = {"order_type": kind}
        if kind in (OrderType.LIMIT, OrderType.STOP_LIMIT):
            terms["limit_price"] = self._price(symbol)
        if kind in (OrderType.STOP, OrderType.STOP_LIMIT):
            terms["stop_price"] = self._price(symbol)
        if kind is OrderType.TRAILING_STOP:
            terms["trail_amount"] = self._instrument(symbol).tick_size * 10
        account = "A2" if "A2" in self.world.state.accounts and rng.random() < 0.25 else "A1"
        if rng.random() < 0.3:
            terms["strategy"] = rng.choice(["s1", "s2"])
        if rng.random() < 0.2:
            terms["actor"] = rng.choice(["ann", "bob"])
        if rng.random() < 0.2:
            terms["client"] = rng.choice(["c1", "c2"])
        if rng.random() < 0.12:
            terms["stop_loss"] = self._price(symbol)
            terms["order_class"] = rng.choice([OrderClass.BRACKET, OrderClass.OTO, OrderClass.SIMPLE])
        order = self.world.asking(
            rng.choice(list(Side)),
            self._exit_size(symbol, account) or self._size(symbol),
            symbol,
            account=account,
            **terms,
        )
        return structs.replace(order, **self._spoil(symbol)) if rng.random() < self.mood else order

    def _exit_size(self, symbol: str, account: str) -> int:
        held = self.world.position(symbol, account).qty
        return abs(held) // self.rng.choice([1, 1, 2]) if held and self.rng.random() < 0.35 else 0

    def _spoil(self, symbol: str) -> dict[str, Any]:
        """Return something that does not go, or goes only sometimes."""
        rng, tick = self.rng, self._instrument(symbol).tick_size
        return rng.choice(
            [
                {"order_qty": self._size(symbol) + 1},
                {"order_qty": 0},
                {"order_qty": qty("300")},
                {"limit_price": self._price(symbol) + (tick + 1) // 2},
                {"limit_price": None},
                {"limit_price": 0},
                {"limit_price": -tick},
                {"stop_price": self._price(symbol)},
                {"time_in_force": TimeInForce.GTD},
                {"time_in_force": TimeInForce.GTD, "expire_at": self.world.at + rng.choice([-1, 0, 1])},
                {"expire_at": self.world.at + SECOND},
                {"cancel_after": rng.choice([-1, 0, SECOND, 40_000_000 * SECOND])},
                {"cancels_rest": True, "partial_timeout": rng.choice([None, 0, SECOND])},
                {"partial_timeout": SECOND},
                {"cancel_after": SECOND, "time_in_force": TimeInForce.IOC},
                {"time_in_force": TimeInForce.IOC, "extended_hours": True},
                {"extended_hours": True},
                {"reduce_only": True},
                {"currency": rng.choice(["USD", "EUR"])},
                {"symbol": "NOPE"},
                {"order_class": OrderClass.BRACKET, "take_profit": self._price(symbol)},
                {"take_profit": tick},
                {"trail_amount": tick},
                {"order_qty": 9_223_372_036 * 10**9, "limit_price": money("92233720368")},
            ]
        )

    def submit(self) -> None:
        asked = self.asked = self._asking()
        opinion = self.oracle.judge(asked, self.world.at)
        figures = self.oracle.figures(asked)
        if self.rng.random() < 0.15:
            found = self.do(i.CheckOrder(order=asked))
            assert isinstance(found, r.Checked)
            self._compare(asked, opinion, found.check, found.findings, found.reducing)
            return
        reply = self.do(asked)
        if isinstance(reply, r.Refused):
            # Own exits stand in the way of one that cannot wait: it never comes to the gate (decide/blocked.py).
            assert reply.code == "protective_order_working", reply
            assert reply.orders
            return
        assert isinstance(reply, r.Decided), reply
        decision = reply.decision
        if isinstance(decision, e.OrderDenied):
            self._compare(asked, opinion, decision.check, decision.findings, None)
            return
        assert isinstance(decision, e.OrderApproved)
        self.approvals += 1
        self._compare(asked, opinion, "", (), decision.reducing)
        self._same(asked, opinion, "reserve price", scaled(opinion.reserve, 8), decision.reserve_price)
        evidence = decision.evidence
        found = (evidence.equity, evidence.day_pnl, evidence.position, evidence.working_buys, evidence.working_sells)
        self._same(asked, opinion, "evidence", figures, found)

    def _compare(
        self, asked: Any, opinion: Opinion, check: str, findings: tuple[Any, ...], reducing: bool | None
    ) -> None:
        self.decisions += 1
        self._same(asked, opinion, "check", opinion.check, check)
        if reducing is not None:
            self._same(asked, opinion, "reducing", opinion.reducing, reducing)
        if len(findings) > 1:
            own = [one for one in findings if not one.reason.startswith(("firm:", "group:", "user:", "strategy:"))]
            failing = [one.check for one in own if one.status in ("denied", "exempt", "warned")]
            self._same(asked, opinion, "report", opinion.failing, failing)

    def _same(self, asked: Any, opinion: Any, what: str, expected: object, found: object) -> None:
        if expected != found:
            raise Difference(
                f"seed {self.seed}, decision {self.decisions}: {what} is {found!r}, the oracle says {expected!r}\n"
                f"  {asked}\n  {opinion}"
            )

    # --- what happens to orders ---------------------------------------------------------------------------

    def _live(self) -> list[OrderRecord]:
        return [order for account in self.world.state.accounts.values() for order in account.live.values()]

    def _pick(self) -> OrderRecord | None:
        live = [order for order in self._live() if order.is_at_broker]
        return self.rng.choice(live) if live else None

    def acknowledge(self) -> None:
        order = self._pick()
        if order is not None:
            account, routed = order.request.account, order.routed_order_id
            if order.pending is not None and self.rng.random() < 0.7:
                new = order.pending
                if self.rng.random() < 0.3:
                    self.do(i.ReplaceRefused(account=account, routed_order_id=routed, reason=""))
                    return
                self.do(
                    i.OrderAmended(
                        account=account, routed_order_id=routed, order_qty=new.order_qty - order.base_qty,
                        limit_price=new.limit_price, stop_price=new.stop_price,
                    )
                )  # fmt: skip
            elif self.rng.random() < 0.2:
                self.do(i.OutcomeUnknown(account=account, routed_order_id=routed, reason="timeout"))
            else:
                self.do(i.OrderAccepted(account=account, routed_order_id=routed))

    def fill(self) -> None:
        order = self._pick()
        if order is None:
            return
        lot = self.world.state.instruments[order.request.instrument_id].lot_size
        left = max(order.leaves_qty, lot)
        amount = left if self.rng.random() < 0.5 else max(left // lot // 2, 1) * lot
        at = order.limit_price or order.stop_price or self._price(order.request.instrument_id)
        self._report(order.request.account, order.request.side, amount, order.request.instrument_id, at, order)

    def external_fill(self) -> None:
        symbol = self._symbol()
        if self._instrument(symbol).asset_class in ("option", "forex") and self.rng.random() < 0.7:
            return
        accounts = list(self.world.state.accounts)
        side = self.rng.choice(list(Side))
        self._report(self.rng.choice(accounts), side, self._size(symbol), symbol, self._price(symbol), None)

    def _report(self, account: str, side: Side, amount: int, symbol: str, at: int, order: OrderRecord | None) -> None:
        routed = "" if order is None else order.routed_order_id
        fee = self.rng.choice(["0", "0", "1.25"])
        self.world.report(side, amount, symbol, at, account=account, routed_order_id=routed, fee=fee)
        self._heard()

    def end(self) -> None:
        order = self._pick()
        if order is None:
            return
        account, routed = order.request.account, order.routed_order_id
        if self.rng.random() < 0.2:
            self.do(i.OrderRefused(account=account, routed_order_id=routed, reason="no"))
            return
        outcome = self.rng.choice(["canceled", "expired"])
        self.do(
            i.OrderGone(
                account=account, routed_order_id=routed, outcome=outcome, cum_qty=order.cum_qty - order.base_qty
            )
        )

    def external_order(self) -> None:
        symbol = self._symbol()
        priced = self.rng.random() < 0.9
        self.do(
            i.ExternalOrderSeen(
                broker="paper", account="A1", routed_order_id=f"their-{self.world.state.seq}",
                instrument_id=self.world.state.symbols[symbol], side=self.rng.choice(list(Side)),
                order_type=OrderType.LIMIT if priced else OrderType.MARKET, order_qty=self._size(symbol), cum_qty=0,
                limit_price=self._price(symbol) if priced else None,
            )
        )  # fmt: skip

    def replace(self) -> None:
        """Change an order that works, and compare what the gate says of that."""
        candidates = [order for order in self._live() if order.is_at_broker and not order.external]
        if not candidates:
            return
        order = self.rng.choice(candidates)
        account, cid = order.request.account, order.client_order_id
        if order.state not in WORKING:
            self.do(i.OrderAccepted(account=account, routed_order_id=order.routed_order_id))
        symbol = order.request.instrument_id
        terms: dict[str, Any] = {}
        if self.rng.random() < 0.6:
            lot = self._instrument(symbol).lot_size
            terms["order_qty"] = max(order.order_qty + lot * self.rng.choice([-1, 1, 5]), lot)
        if order.limit_price is not None and self.rng.random() < 0.6:
            terms["limit_price"] = self._price(symbol)
        if order.stop_price is not None and self.rng.random() < 0.6:
            terms["stop_price"] = self._price(symbol)
        now = {"order_qty": order.order_qty, "limit_price": order.limit_price, "stop_price": order.stop_price} | terms
        names = set(i.SubmitOrder.__struct_fields__) & set(order.request.__struct_fields__)
        asked = i.SubmitOrder(
            **{name: getattr(order.request, name) for name in names if name not in now},
            symbol=symbol, actor="local", client=order.client, **now,
        )  # fmt: skip
        opinion = self.oracle.judge(asked, self.world.at, self.oracle.orders[account, cid])
        reply = self.do(i.ReplaceOrder(account=account, client_order_id=cid, **terms))
        if isinstance(reply, r.Decided):
            denied = isinstance(reply.decision, e.ReplaceDenied)
            self._compare(
                asked, opinion, getattr(reply.decision, "check", ""), reply.decision.findings if denied else (), None
            )
            if isinstance(reply.decision, e.ReplaceApproved):
                self._same(asked, opinion, "reserve", scaled(opinion.reserve, 8), reply.decision.reserve_price)

    # --- time and trouble -----------------------------------------------------------------------------------

    def wait(self) -> None:
        seconds = self.rng.choice([SECOND // 10, SECOND, SECOND, 5 * SECOND, 10 * SECOND, 61 * SECOND])
        self.world.at += seconds
        while due := sorted(
            (t.due_at, t.timer_id) for t in self.world.state.timers.values() if t.due_at <= self.world.at
        ):
            self.do(i.TimerDue(timer_id=due[0][1]))
        self.do(i.MarkPnl())

    def change_limits(self) -> None:
        if self.rng.random() < 0.3:
            self._limit_symbol(self._symbol())
            return
        own = self.world.account().limits.own()
        kept = {name: getattr(own, name) for name in Limits.__struct_fields__ if name.startswith("order_rate_per")}
        limits = structs.replace(self._limits(), **kept, money_classes=own.money_classes)
        self.do(i.ChangeLimits(account="A1", limits=limits))

    def trouble(self) -> None:
        world, rng = self.world, self.rng
        match rng.randrange(4):
            case 0:
                self.do(i.TripBreaker(account="A1", expires_at=world.at + 5 * SECOND))
            case 1:
                self.do(i.Kill(account="A1", keep_positions=rng.random() < 0.5))
                world.at += 900 * SECOND
                self.do(i.ReleaseKill(account="A1", reason="over"))
            case 2:
                self.do(i.BrokerDisconnected(broker="paper"))
                self.submit()
                self.do(i.BrokerConnected(broker="paper", capabilities=world.state.brokers["paper"].capabilities))
                for name in world.state.accounts:
                    world.reconcile(name)
                    self._heard()
            case 3:
                amount = money(rng.choice(["100", "-100", "5000"]))
                transfer_id = f"T{world.state.seq}"
                self.do(i.CashTransferred(broker="paper", account="A1", transfer_id=transfer_id, amount=amount))
        for breaker in list(world.state.breakers.values()):
            if breaker.active:
                self.do(i.ResetBreaker(breaker_id=breaker.breaker_id))

    def relist(self) -> None:
        instrument = self._instrument(self._symbol())
        self.do(
            i.ListInstrument(instrument=structs.replace(instrument, status=self.rng.choice(list(InstrumentStatus))))
        )
        self.submit()
        self.do(i.ListInstrument(instrument=structs.replace(instrument, status=InstrumentStatus.OPEN)))


def decode(body: bytes) -> tuple[Any, ...]:
    from stopline.messages.upcast import decode_events

    return decode_events(body)


def scaled(value: Any, places: int) -> int | None:
    return None if value is None else int(value.scaleb(places))
