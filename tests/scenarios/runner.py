"""Scenarios: stories in plain words, played on a whole engine (style.md).

A scenario is a text file. `#` begins a remark; every other line is a command, an arrow,
and what the engine answers:

    limits  max_order_notional=1000
    buy     AAPL 100 @ 175.00   -> denied max_order_notional (Order size exceeds limit: $17500.00 > $1000.00)

`python -m tests.scenarios --rewrite` writes the answers; a person reads the difference.
The commands are the methods of `Scenario` that begin with `do_`.
"""

import re
import shlex
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import yaml
from msgspec import structs

from stopline.config.build import build_rules
from stopline.config.rules_schema import RulesSection
from stopline.messages import effects as f
from stopline.messages import events as e
from stopline.messages import inputs as i
from stopline.messages import replies as r
from stopline.model.instrument import Instrument, InstrumentStatus
from stopline.model.limits import DEFAULT_LIMITS, Limits, RateWindow, ScopeKind
from stopline.model.numbers import SECOND, parse_percent, render_price, render_qty
from stopline.model.order import Condition, Hold, OrderClass, OrderType, Relation, Side, TimeInForce
from stopline.runtime.own_hours import own_hours
from tests.build import World, money, qty, ratio, usd
from tests.scenarios.words import told, told_of_rules

FOLDER = Path(__file__).parent
COLUMN = 46
"""Where arrows stand, if the command is not longer."""
ALIASES = {"ES": "ES2026-12", "ESH7": "ES2027-03", "MES": "MES2026-12", "CL": "CL2020-05", "BTC": "BTCUSD"}
UNITS = {"ms": SECOND // 1000, "s": SECOND, "min": 60 * SECOND, "h": 3_600 * SECOND}
QTYS = ("max_order_qty", "max_position_qty", "quote_min_size")
RATIOS = (
    "max_contracts gross_exposure net_exposure concentration sector_concentration tag_concentration leverage "
    "quote_max_spread price_collar"
).split()
SWITCHES = (
    "enabled buying_power open_risk stop_required short_sale session_hours self_match breakers_reset_with_session"
).split()
SPANS = ("quote_max_age", "duplicate_window", "breaker_expiry")
COUNTS = ("max_open_positions", "trades_per_session")
LISTS = ("allow", "deny")
TERMS = {
    "@": "limit", "stop": "stop", "as": "id", "strategy": "strategy", "by": "actor", "profit": "take_profit",
    "loss": "stop_loss", "loss-limit": "stop_loss_limit", "group": "oca_group",
}  # fmt: skip
"""Words of an order, and the terms that they give as they are."""


class Line(NamedTuple):
    """One line of a scenario: as it stands, its command (empty for a remark), and the answer that is expected."""

    number: int
    text: str
    command: str
    expected: str


def read(text: str) -> Iterator[Line]:
    """Return the lines of a scenario."""
    for number, line in enumerate(text.splitlines(), 1):
        said = line.partition("#")[0] if line.lstrip().startswith("#") else line
        command, _, expected = said.partition("->")
        yield Line(number, line.rstrip(), command.strip(), expected.strip())


def play(text: str) -> Iterator[tuple[Line, str]]:
    """Play a scenario; return each line with what the engine answered."""
    scenario = Scenario()
    for line in read(text):
        try:
            yield line, scenario.answer(line.command) if line.command else ""
        except Exception as error:
            error.add_note(f"in line {line.number}: {line.command}")
            raise
    scenario.world.assert_replays()


def rewrite(text: str) -> str:
    """Return the scenario with the answers that the engine gives now."""
    lines = []
    for line, answer in play(text):
        lines.append(f"{line.command:<{COLUMN}} -> {answer}".rstrip() if line.command else line.text)
    return "\n".join(lines) + "\n"


def usages() -> list[str]:
    """Return how each command is written, in the order of the source."""
    methods = (method for name, method in vars(Scenario).items() if name.startswith("do_"))
    return [" ".join((method.__doc__ or "").split()).partition(": ")[0] for method in methods]


class Scenario:
    """A world, and words for everything that can happen in it."""

    def __init__(self) -> None:
        self._world: World | None = None
        self._is_asked = False
        """Whether a person asked for the closes of this line."""
        self._rules: dict[str, Any] = {}
        self._told_from = 0
        """The first record whose consequences this line tells."""

    @property
    def world(self) -> World:
        if self._world is None:
            self._world = World(has_weeks=True)
        return self._world

    def answer(self, command: str) -> str:
        """Do what a line says, and say what came of it."""
        name, *words = command.split()
        self._is_asked = name in ("close", "flatten", "kill")
        if name == "account":
            return self.perform(name, *words)
        before, self._told_from = self.world.trading, len(self.world.records)
        told = self.perform(name, *words)
        records = self._told_from
        return "; ".join([told, *self._consequences(before, records)] if told else self._consequences(before, records))

    def perform(self, name: str, *words: str) -> str:
        """Do one command, and return its own answer."""
        do: Callable[..., str] | None = getattr(self, f"do_{name.replace('-', '_')}", None)
        if do is None:
            raise ValueError(f"no scenario knows the command {name!r}")
        return do(*words)

    def _consequences(self, before: str, records: int) -> list[str]:
        """Return what followed from it that a person would want to see."""
        from stopline.messages.upcast import decode_events

        told = []
        for record in self.world.records[records:]:
            for event in decode_events(record.body):
                told += self._told(event)
        if self.world.trading != before:
            told.append(f"now {self.world.trading}")
        asked = [effect for effect in self.world.outcome.effects if isinstance(effect, f.QueryOrder)]
        if asked and len(self.world.records) > records:
            account = self.world.account()
            told.append(
                "asks the broker about " + ", ".join(account.routed.get(one.routed_order_id, "?") for one in asked)
            )
        return told

    def _told(self, event: e.Event) -> list[str]:
        match event:
            case e.BreakerTripped():
                return [f"breaker {event.breaker_id} {event.trigger_type} ({event.reason})"]
            case e.BreakerReset():
                return [f"breaker {event.breaker_id} closed ({event.reason})"]
            case e.CancelRequested(cause=cause) if cause != "requested":
                return [f"cancels {event.client_order_id} ({cause})"]
            case e.OrderApproved(request=request) if request.closes_position and not self._is_asked:
                return [f"closes {render_qty(request.order_qty)} by {request.client_order_id}"]
            case e.OrderApproved(request=request) if request.client_order_id.startswith("attach-"):
                price = request.limit_price or request.stop_price or request.trail_amount
                kind = str(request.order_type).replace("_", " ")
                return [f"attaches {request.client_order_id}: {kind} {render_qty(request.order_qty)} at {usd(price)}"]
            case e.OrderReleased(order=order):
                price = order.request.limit_price if order.request.stop_price is None else order.request.stop_price
                at = "" if price is None else f" at {render_price(price)}"
                kind = str(order.request.order_type).replace("_", " ")
                return [f"sends {order.request.client_order_id}: {kind} {render_qty(order.request.order_qty)}{at}"]
            case e.OrderTriggered():
                return [f"{event.client_order_id} triggered ({event.reason})"]
            case e.OrderHeld():
                return [f"keeps {event.client_order_id} ({event.reason})"]
            case e.StopTrailed():
                return [f"stop of {event.client_order_id} trails to {render_price(event.stop_price)}"]
            case e.OrderCanceled(reason=reason) if not reason.startswith(("requested", "resolved")) and reason:
                return [f"ends {event.client_order_id} ({reason})"]
            case e.OrderExpired(reason=reason) if reason:
                return [f"{event.client_order_id} expires ({reason})"]
            case e.FillVoided():
                return [f"takes {event.exec_id} back"]
            case e.MismatchFound():
                return ["mismatch: " + "; ".join(event.differences)]
            case e.SessionOpened():
                return [
                    f"{event.session.session_id} opens on {usd(event.baseline) or 'nothing known'} ({event.source})"
                ]
            case e.AlertRaised(severity="CRITICAL", alert_type=kind) if kind not in ("CIRCUIT_BREAKER", "KILL"):
                return [] if kind == "RULE_BREACHED" else [f"alert {kind}"]
        return told_of_rules(event)

    # --- the account and its limits --------------------------------------------------------------

    def do_account(self, *words: str) -> str:
        """account [cash=100000] [fifo] [cash-account] [firm=house] [group=desk]"""
        terms: dict[str, Any] = {}
        for word in words:
            name, _, value = word.partition("=")
            if word == "fifo":
                terms["fifo"] = True
            elif word == "cash-account":
                terms["margin_account"] = False
            else:
                terms[name] = value
        self._world = World(has_weeks=True, **terms)
        return f"cash {usd(self.world.account().cash)}"

    def do_open(self, name: str, *words: str) -> str:
        """open A2 [cash=100000] [firm=house] [group=desk]: one more account"""
        self.world.open_account(name, **dict(word.split("=") for word in words))
        self.world.schedule(name)
        self.world.reconcile(name)
        return f"cash {usd(self.world.account(name).cash)}"

    def do_in(self, name: str, command: str, *words: str) -> str:
        """in A2 COMMAND ...: the same in another account"""
        self.world.who, before = name, self.world.who
        try:
            return self.perform(command, *words)
        finally:
            self.world.who = before

    def do_times(self, count: str, command: str, *words: str) -> str:
        """times 100 COMMAND ...: the same so often"""
        told = ""
        for _ in range(int(count)):
            told = self.perform(command, *words)
        return told

    def do_expires(self, symbol: str, span: str) -> str:
        """expires ES 3h: when an instrument stops trading"""
        instrument = self._instrument(symbol)
        self.world.step(
            i.ListInstrument(instrument=structs.replace(instrument, expires_at=self.world.at + _span(span)))
        )
        return ""

    def _instrument(self, symbol: str) -> Instrument:
        state = self.world.state
        return state.instruments[state.symbols[ALIASES.get(symbol, symbol)]]

    def do_limits(self, *words: str) -> str:
        """limits defaults | name=value ... [strategy=X]: sets the limits, of the account or of a strategy"""
        base = DEFAULT_LIMITS if "defaults" in words else Limits()
        fields = dict(word.partition("=")[::2] for word in words if "=" in word)
        actor = fields.pop("by", "local")
        strategy = fields.pop("strategy", "")
        values = {name: _limit(name, text) for name, text in fields.items()}
        scope = ScopeKind.STRATEGY if strategy else ScopeKind.ACCOUNT
        return self._reply(self.world.change_limits(base, scope=scope, scope_id=strategy, actor=actor, **values))

    def do_symbol(self, symbol: str, *words: str) -> str:
        """symbol TSLA max_position=3000 [max_position_qty=10] [concentration=15%]"""
        fields = {name: _limit(name, text) for name, text in (word.split("=") for word in words)}
        return self._reply(self.world.symbol_limit(ALIASES.get(symbol, symbol), **fields))

    def do_rules(self, *words: str) -> str:
        """rules none | NAME [key=value ...] [NAME ...]: sets these beside those that are set, as in stopline.yaml;
        a value with spaces stands in quotes
        """
        words = tuple(shlex.split(" ".join(words)))
        if words == ("none",):
            self._rules = {}
        name = ""
        for word in words if words != ("none",) else ():
            key, _, value = word.partition("=")
            if not value:
                name = key
                self._rules[name] = {}
            else:
                self._rules[name][key] = yaml.load(value, yaml.BaseLoader)
        rules = build_rules(RulesSection.model_validate(self._rules))
        hours = own_hours(self.world.account().terms, rules.session_block, self.world.at)
        return self._reply(self.world.step(i.ChangeRules(account=self.world.who, rules=rules, hours=hours)))

    def do_lockout(self, span: str, *words: str) -> str:
        """lockout 30min [flatten] [by=ann]: a person locks the account out"""
        until, actor = self.world.at + _span(span), _actor(words)
        message = i.LockOut(account=self.world.who, until=until, flatten="flatten" in words, actor=actor)
        return self._reply(self.world.step(message))

    def do_unlock(self, key: str, by: str, *reason: str) -> str:
        """unlock KEY NAME REASON ..."""
        return self._reply(
            self.world.step(i.ReleaseLock(account=self.world.who, key=key, reason=" ".join(reason), actor=by))
        )

    def do_heartbeat(self, bot: str, span: str = "0s") -> str:
        """heartbeat strategy:X 5s: a bot says that it lives, and will again within that time"""
        return self._reply(self.world.step(i.Heartbeat(account=self.world.who, bot=bot, timeout=_span(span))))

    def do_clock(self, by: str) -> str:
        """clock [-]3600s: somebody sets the machine's clock"""
        sign = -1 if by.startswith("-") else 1
        self.world.step(i.ClockStepped(by=sign * _span(by.lstrip("-"))))
        return ""

    def do_owed(self) -> str:
        """owed: what the account is owed"""
        owed = self.world.account().obligations.values()
        return "; ".join(f"{told(each)} {each.state}" for each in owed) or "nothing"

    def do_status(self, symbol: str, status: str) -> str:
        """status AAPL halted|open|off_hours"""
        instrument = self._instrument(symbol)
        self.world.step(i.ListInstrument(instrument=structs.replace(instrument, status=InstrumentStatus(status))))
        return ""

    def do_arm(self) -> str:
        """arm: from now on, loosening a limit waits"""
        return self._reply(self.world.step(i.ArmAccount(account=self.world.who)))

    def do_approve(self, proposal: str, by: str) -> str:
        """approve 1 bob"""
        return self._reply(
            self.world.step(i.ApproveLimits(account=self.world.who, proposal_id=int(proposal), actor=by))
        )

    def do_approve_rules(self, by: str) -> str:
        """approve-rules bob: a second person approves the change of rules that waits"""
        return self._reply(self.world.step(i.ApproveRules(account=self.world.who, actor=by)))

    def do_trust_clock(self, *reason: str) -> str:
        """trust-clock REASON ...: an admin says that the clock is right"""
        return self._reply(self.world.step(i.TrustClock(reason=" ".join(reason))))

    # --- orders --------------------------------------------------------------------------------------

    def do_buy(self, *words: str) -> str:
        """buy SYMBOL QTY [@ LIMIT] [stop PRICE] [trail AMOUNT | trail PERCENT%] [as ID] [strategy X] [class oco]
        [profit PRICE] [loss PRICE] [loss-limit PRICE] [group NAME] [for ioc] [until 60s] [when MSFT>=400] [after 60s]
        [time 30s] [rest goes | rest 5s]: `rest` is how long it stays after a partial fill; without a price at market;
        `money` in front of the size is what to spend
        """
        return self._order(Side.BUY, words)

    def do_sell(self, *words: str) -> str:
        """sell, as buy"""
        return self._order(Side.SELL, words)

    def _order(self, side: Side, words: tuple[str, ...]) -> str:
        return self._reply(self.world.step(self._asked(side, words)))

    def _asked(self, side: Side, words: tuple[str, ...]) -> i.SubmitOrder:
        symbol, size, *rest = words
        given = dict(zip(rest[::2], rest[1::2], strict=True))
        terms: dict[str, Any] = {TERMS[name]: value for name, value in given.items() if name in TERMS}
        if size.startswith("$"):
            size, terms["notional"] = "0", size[1:]
        if "trail" in given:
            trail, terms["order_type"] = given["trail"], OrderType.TRAILING_STOP
            by_share = trail.endswith("%")
            terms["trail_percent" if by_share else "trail_amount"] = parse_percent(trail[:-1]) if by_share else trail
        if "class" in given:
            terms["order_class"] = OrderClass(given["class"])
        if "for" in given:
            terms["time_in_force"] = TimeInForce(given["for"])
        if "until" in given:
            terms |= {"time_in_force": TimeInForce.GTD, "expire_at": self.world.at + _span(given["until"])}
        if "time" in given:
            terms["cancel_after"] = _span(given["time"])
        if "rest" in given:
            terms["cancels_rest"] = True
            terms["partial_timeout"] = None if given["rest"] == "goes" else _span(given["rest"])
        if "when" in given or "after" in given:
            terms["condition"] = self._condition(given.get("when", ""), given.get("after", ""))
        return self.world.asking(side, size, ALIASES.get(symbol, symbol), **terms)

    def _condition(self, when: str, after: str) -> Condition:
        instant = self.world.at + _span(after) if after else None
        if not when:
            return Condition(after=instant)
        symbol, relation, price = re.fullmatch(r"(\w*)(>=|<=)(.+)", when).groups()  # type: ignore[union-attr]
        return Condition(ALIASES.get(symbol, symbol), Relation(relation), money(price), instant)

    def do_check(self, side: str, *words: str) -> str:
        """check buy SYMBOL QTY ...: what would the gate say, with all that would fail"""
        found = self.world.step(i.CheckOrder(order=self._asked(Side(side), words)))
        assert isinstance(found, r.Checked)
        failing = [finding.check for finding in found.findings if finding.status == "denied"]
        if found.approved:
            return "would pass" + (", reducing" if found.reducing else "")
        most = "" if found.max_passing_qty is None else f"; at most {render_qty(found.max_passing_qty)}"
        return f"would be denied: {', '.join(failing)}{most}"

    def do_cancel(self, cid: str) -> str:
        """cancel ID"""
        return self._reply(self.world.cancel(cid))

    def do_replace(self, cid: str, *words: str) -> str:
        """replace ID [QTY] [@ LIMIT] [stop PRICE]"""
        size = words[0] if words and words[0] not in ("@", "stop") else None
        rest = words[1:] if size else words
        terms = {"limit" if name == "@" else name: value for name, value in zip(rest[::2], rest[1::2], strict=True)}
        return self._reply(self.world.replace(cid, size, **terms))

    def do_close(self, symbol: str, *words: str) -> str:
        """close SYMBOL [QTY | PERCENT%] [as ID]"""
        terms: dict[str, Any] = {}
        for n, word in enumerate(words):
            if word == "as":
                terms["id"] = words[n + 1]
                break
            terms["percent" if word.endswith("%") else "size"] = word.rstrip("%")
        return self._reply(self.world.close(ALIASES.get(symbol, symbol), **terms))

    def do_flatten(self, symbol: str = "") -> str:
        """flatten [SYMBOL]"""
        return self._reply(self.world.flatten(ALIASES.get(symbol, symbol)))

    def do_kill(self, *words: str) -> str:
        """kill [firm|group] [keep] [by NAME]: the kill switch; `keep` leaves positions"""
        actor = words[words.index("by") + 1] if "by" in words else "local"
        scope = next((ScopeKind(word) for word in words if word in ("firm", "group")), ScopeKind.ACCOUNT)
        return self._reply(self.world.kill(scope=scope, keep_positions="keep" in words, actor=actor))

    def do_release(self, by: str, *reason: str) -> str:
        """release NAME REASON ..."""
        return self._reply(self.world.step(i.ReleaseKill(account=self.world.who, reason=" ".join(reason), actor=by)))

    def do_breaker(self, what: str, *words: str) -> str:
        """breaker trip [for 60s] | breaker reset ID"""
        if what == "trip":
            until = self.world.at + _span(words[1]) if words else 0
            return self._reply(self.world.step(i.TripBreaker(account=self.world.who, expires_at=until)))
        return self._reply(self.world.step(i.ResetBreaker(breaker_id=int(words[0]))))

    def do_resolve(self, cid: str, outcome: str, *reason: str) -> str:
        """resolve ID canceled|expired|rejected REASON ..."""
        message = i.ResolveOrder(account=self.world.who, client_order_id=cid, outcome=outcome, reason=" ".join(reason))
        return self._reply(self.world.step(message))

    def _reply(self, reply: r.Reply | None) -> str:
        match reply:
            case r.Decided(decision=e.OrderApproved() as decision):
                warned = "".join(f", warns {finding.check}" for finding in decision.findings)
                waits = "" if decision.hold in (None, Hold.RELEASE) else f", held for its {decision.hold}"
                return ("approved, reducing" if decision.reducing else "approved") + waits + warned
            case r.Decided(decision=e.ReplaceApproved()):
                return "approved"
            case r.Decided(decision=decision):
                return f"denied {decision.check} ({decision.message})"
            case r.Repeated():
                return f"the same answer again, of record {reply.seq}"
            case r.Refused():
                return f"refused {reply.code}" + (f", names {', '.join(reply.orders)}" if reply.orders else "")
            case r.Proposed():
                return f"waits as proposal {reply.proposal_id}"
            case r.Done():
                answers = [
                    f"{name} {value}" for name, value in reply.detail if value and name not in ("version", "breaker_id")
                ]
                return ", ".join(answers) or "done"
        return ""

    # --- what the broker says --------------------------------------------------------------------------

    def do_fill(self, which: str, size: str, *words: str) -> str:
        """fill ID|SYMBOL QTY @ PRICE [fee F] [exec X]: a symbol is its newest order at the broker"""
        terms = dict(zip(words[::2], words[1::2], strict=True))
        cid, symbol = self._find(which)
        named = {"exec_id": terms["exec"]} if "exec" in terms else {}
        self.world.fill(cid, size, terms["@"], fee=terms.get("fee", "0"), **named)
        return self._position(symbol)

    def _find(self, which: str) -> tuple[str, str]:
        account, state = self.world.account(), self.world.state
        known = account.order(which)
        if known is not None:
            return which, state.instruments[known.request.instrument_id].symbol
        symbol = ALIASES.get(which, which)
        for order in reversed(account.live.values()):
            if order.is_at_broker and order.request.instrument_id == state.symbols.get(symbol):
                return order.client_order_id, symbol
        raise ValueError(f"no live order in {which} at the broker")

    def do_external(self, side: str, symbol: str, size: str, at: str, price: str, *words: str) -> str:
        """external buy|sell SYMBOL QTY @ PRICE [exec X]: an execution that we did not send"""
        named = {"exec_id": words[1]} if words else {}
        name = ALIASES.get(symbol, symbol)
        self.world.report(Side(side), size, name, price, **named)
        return self._position(name)

    def do_outside(self, side: str, symbol: str, size: str, at: str, price: str, as_: str, routed: str) -> str:
        """outside buy|sell SYMBOL QTY @ PRICE as X: an order that we did not send works at the broker"""
        name = ALIASES.get(symbol, symbol)
        self.world.step(
            i.ExternalOrderSeen(
                broker="paper", account="A1", routed_order_id=routed, instrument_id=self.world.state.symbols[name],
                side=Side(side), order_type=OrderType.LIMIT, order_qty=qty(size), cum_qty=0, limit_price=money(price),
            )
        )  # fmt: skip
        return self._state(f"external-{routed}")

    def do_bust(self, exec_id: str) -> str:
        """bust EXEC"""
        self.world.bust(exec_id)
        return self._position_of(exec_id)

    def do_correct(self, exec_id: str, size: str, at: str, price: str) -> str:
        """correct EXEC QTY @ PRICE"""
        self.world.correct(exec_id, size, price)
        return self._position_of(exec_id)

    def _position_of(self, exec_id: str) -> str:
        account = self.world.account()
        booked = account.fills.get(exec_id) or account.fills_before[exec_id]
        return self._position(self.world.state.instruments[booked.fill.instrument_id].symbol)

    def do_sent(self, cid: str) -> str:
        """sent ID"""
        self.world.sent(cid)
        return self._state(cid)

    def do_ack(self, cid: str) -> str:
        """ack ID|SYMBOL"""
        cid, _ = self._find(cid)
        self.world.accept(cid)
        return self._state(cid)

    def do_reject(self, cid: str, *reason: str) -> str:
        """reject ID|SYMBOL [REASON ...]"""
        cid, _ = self._find(cid)
        self.world.reject(cid, " ".join(reason) or "no")
        return self._state(cid)

    def do_keep_rejecting(self, symbol: str, count: str) -> str:
        """keep-rejecting SYMBOL 90: the broker rejects the newest order in it so often, as it is tried each minute;
        the last time is told
        """
        for _ in range(int(count)):
            self._told_from = len(self.world.records)
            self.do_wait("1min")
            self.do_reject(symbol)
        return ""

    def do_gone(self, cid: str, outcome: str = "canceled", cum: str | None = None) -> str:
        """gone ID|SYMBOL [canceled|expired] [CUM]"""
        cid, _ = self._find(cid)
        self.world.gone(cid, outcome, cum)
        return self._state(cid)

    def do_lose(self, cid: str, *reason: str) -> str:
        """lose ID|SYMBOL [REASON ...]: nobody knows what became of it"""
        cid, _ = self._find(cid)
        self.world.lose(cid, " ".join(reason) or "timeout")
        return self._state(cid)

    def do_refuse_cancel(self, cid: str) -> str:
        """refuse-cancel ID|SYMBOL"""
        cid, _ = self._find(cid)
        self.world.refuse_cancel(cid)
        return self._state(cid)

    def do_amended(self, cid: str, size: str | None = None) -> str:
        """amended ID [QTY]"""
        self.world.amend(cid, size)
        return self._state(cid)

    def do_refuse_replace(self, cid: str) -> str:
        """refuse-replace ID"""
        self.world.refuse_replace(cid)
        return self._state(cid)

    def do_disconnect(self) -> str:
        """disconnect"""
        self.world.disconnect()
        return ""

    def do_connect(self, *types: str) -> str:
        """connect [TYPE ...]: the broker takes all, or these order types, for day and gtc, and no classes"""
        if not types:
            self.world.connect()
            return ""
        self.world.connect(
            order_types=tuple(OrderType(name) for name in types),
            times_in_force=(TimeInForce.DAY, TimeInForce.GTC),
            order_classes=(OrderClass.SIMPLE,),
        )
        return ""

    def do_reconcile(self, *words: str) -> str:
        """reconcile [SYMBOL=QTY ...] [nothing-working]: the broker's picture; ours, unless it differs"""
        differs: dict[str, Any] = {}
        if "nothing-working" in words:
            differs["working"] = ()
        named = [word.split("=") for word in words if "=" in word]
        if named:
            symbols = self.world.state.symbols
            differs["positions"] = tuple((symbols[ALIASES.get(name, name)], qty(size), 0) for name, size in named)
        self.world.reconcile(**differs)
        return "" if self.world.said else "nothing new"

    def do_cash(self, amount: str) -> str:
        """cash AMOUNT: what the broker says there is"""
        self.world.step(i.AccountReported(broker="paper", account=self.world.who, cash=money(amount)))
        return self.do_pnl()

    def do_transfer(self, amount: str) -> str:
        """transfer AMOUNT"""
        transfer_id = f"T{self.world.state.seq}"
        paid = i.CashTransferred(broker="paper", account=self.world.who, transfer_id=transfer_id, amount=money(amount))
        self.world.step(paid)
        return self.do_pnl()

    # --- market and time -----------------------------------------------------------------------------------

    def do_quote(self, symbol: str, *words: str) -> str:
        """quote SYMBOL [BID ASK] [last PRICE]"""
        prices = [None if word == "none" else word for word in words if word != "last"]
        last = prices.pop() if "last" in words else None
        bid, ask = prices if prices else (None, None)
        self.world.quote(ALIASES.get(symbol, symbol), bid, ask, last, one_sided=True)
        quote = self.world.state.market.quotes[self.world.state.symbols[ALIASES.get(symbol, symbol)]]
        return "no mark" if quote.mark is None else f"mark {render_price(quote.mark)}"

    def do_wait(self, span: str) -> str:
        """wait 5s"""
        self.world.wait(f"{_span(span) // SECOND}.{_span(span) % SECOND:09d}")
        self.world.step(i.MarkPnl())
        return ""

    def do_next_session(self, late: str = "0s") -> str:
        """next-session [LATE]"""
        self.world.next_session(late_s=_span(late) // SECOND)
        return ""

    def do_baseline(self, equity: str) -> str:
        """baseline EQUITY: an admin states it"""
        return self._reply(self.world.step(i.StateBaseline(account=self.world.who, equity=money(equity))))

    def do_restart(self) -> str:
        """restart: the process dies; the journal is folded, and the broker asked"""
        self.world.restart()
        return ""

    # --- looking ----------------------------------------------------------------------------------------------

    def do_position(self, symbol: str) -> str:
        """position SYMBOL"""
        return self._position(ALIASES.get(symbol, symbol))

    def do_order(self, cid: str) -> str:
        """order ID"""
        return self._state(cid)

    def do_pnl(self) -> str:
        """pnl"""
        realized, unrealized, total = (amount or "unknown" for amount in self.world.pnl())
        return f"day {total} (realized {realized}, unrealized {unrealized})"

    def do_state(self) -> str:
        """state"""
        held = self.world.account().restrictions
        return f"{self.world.trading} ({', '.join(held)})" if held else self.world.trading

    def _position(self, symbol: str) -> str:
        position = self.world.position(symbol)
        if position.qty == 0:
            told = "flat"
        else:
            told = f"{'long' if position.qty > 0 else 'short'} {render_qty(abs(position.qty))}"
        told += f", realized {usd(position.realized_entry)}"
        if position.working_buys or position.working_sells:
            told += f", could be {render_qty(position.lowest)} to {render_qty(position.highest)}"
        return told

    def _state(self, cid: str) -> str:
        order = self.world.order(cid)
        left = f", {render_qty(order.leaves_qty)} left" if order.is_live else ""
        return f"{order.state}{left}"


def _span(text: str) -> int:
    found = re.fullmatch(r"([0-9]+)(ms|s|min|h)", text)
    if found is None:
        raise ValueError(f"{text!r} is no span such as 5s or 15min")
    return int(found[1]) * UNITS[found[2]]


def _actor(words: tuple[str, ...]) -> str:
    return next((word.removeprefix("by=") for word in words if word.startswith("by=")), "local")


def _limit(name: str, text: str) -> Any:
    """Return a limit's value: money, unless its name says otherwise; `none` is not armed."""
    if text == "none":
        return None
    if name in LISTS:
        return tuple(text.split(","))
    if name in SWITCHES:
        return text == "yes"
    if name in COUNTS:
        return int(text)
    if name in SPANS:
        return _span(text)
    if "/" in text:
        count, span = text.split("/")
        window = RateWindow(int(count), _span(span))
        return window if name == "reject_burst" else (window,)
    if name in QTYS:
        return qty(text)
    if name in RATIOS:
        return parse_percent(text.rstrip("%")) if text.endswith("%") else ratio(text)
    return money(text)
