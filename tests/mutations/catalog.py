"""Planted bugs, each of which must turn a test red (issue 2, must be shown 6; reliability.md G14).

A planted bug is a file, a text that stands in it exactly once, what to write instead, and
the tests that must notice. A text that is not found any more is a stale bug: it has to be
planted again where the code went.
"""
# ruff: noqa: E501  a planted text is as long as the line it stands in

from tests.mutations.brokers import BROKERS
from tests.mutations.doors import DOORS
from tests.mutations.enforcement import ENFORCEMENT
from tests.mutations.held import HELD
from tests.mutations.planted import Mutation
from tests.mutations.rules import RULES

__all__ = ["MUTATIONS", "Mutation"]


def check(name: str, bug: str, old: str, new: str, *more: str) -> Mutation:
    """A bug in the file of a check, which the tests of that check must notice."""
    return Mutation(f"{name}: {bug}", f"checks/{name}.py", old, new, (f"tests/unit/checks/test_{name}.py", *more))


def well_formed(file: str, bug: str, old: str, new: str, *more: str) -> Mutation:
    """A bug in one file of the check that is a folder."""
    name = "order_well_formed"
    tests = (f"tests/unit/checks/test_{name}.py", *more)
    return Mutation(f"{name}: {bug}", f"checks/{name}/{file}.py", old, new, tests)


def bug(name: str, file: str, old: str, new: str, *tests: str) -> Mutation:
    """A bug anywhere else; `tests` without a folder are those of the engine."""
    return Mutation(name, file, old, new, tuple(one if "/" in one else f"tests/unit/engine/{one}.py" for one in tests))


QTY = "    qty_monotone: ClassVar[bool] = True\n"
EXITS_HELD = QTY + "    binds_exits: ClassVar[bool] = True\n"
EXAMPLES = "tests/acceptance/test_worked_examples.py"
SPOOLING = "tests/unit/runtime/test_spooling.py"

CHECKS = (
    well_formed("prices", "tick ignored", "        if limit % tick:\n", "        if False:\n"),
    well_formed("quantities", "lot ignored", "    if qty % instrument.lot_size == 0 and", "    if"),
    well_formed("times", "expired passes", "if request.expire_at <= order.at", "if request.expire_at < order.at"),
    well_formed(
        "__init__",
        "reduce_only believed",
        "if request.reduce_only and not order.is_reducing",
        "if False and not order.is_reducing",
    ),
    well_formed("__init__", "no rate passes", "if instrument.currency != self.currency and", "if False and"),
    well_formed(
        "plain",
        "plain orders may be off the tick",
        "        and limit % instrument.tick_size == 0\n",
        "",
    ),
    well_formed(
        "__init__",
        "exits not bound",
        "    binds_exits: ClassVar[bool] = True\n",
        "    binds_exits: ClassVar[bool] = False\n",
        "tests/unit/engine/test_exits.py",
    ),
    check("duplicate_order", "used id passes", "if order.decided is not None:", "if False:"),
    check("duplicate_order", "window off by one", "record.approved_at > since", "record.approved_at >= since"),
    check("duplicate_order", "second exit held", "if self.window and not order.is_reducing and", "if self.window and"),
    check(
        "trading_state",
        "entries pass while reducing",
        "(severity == REDUCING and order.is_reducing)",
        "severity == REDUCING",
    ),
    check(
        "trading_state",
        "exits held while reducing",
        "if severity == 0 or (severity == REDUCING and order.is_reducing):",
        "if severity == 0:",
    ),
    check("trading_state", "close while nothing is proven", "order.is_reducing and _is_proven(account)", "True"),
    check("daily_loss", "off by one", "cls(most - 1, most)", "cls(most, most)"),
    check("daily_loss", "unknown passes", "return None if pnl is None else -pnl", "return -(pnl or 0)"),
    check("drawdown", "off by one", "cls(-1, floor)", "cls(0, floor)"),
    check(
        "drawdown",
        "unknown passes",
        "return None if equity is None else self.floor - equity",
        "return self.floor - (equity or 10**18)",
    ),
    check(
        "max_order_qty",
        "off by one",
        "return None if most is None else cls(most)",
        "return None if most is None else cls(most - 1)",
    ),
    check("max_order_qty", "exits held", QTY, EXITS_HELD, "tests/unit/engine/test_exits.py"),
    check(
        "max_order_notional",
        "off by one",
        "return cls(limits.max_order_notional)",
        "return cls(limits.max_order_notional - 1)",
    ),
    check(
        "max_order_notional",
        "missing price passes",
        "return order.order_notional\n",
        "return order.order_notional or 0\n",
    ),
    check("max_order_notional", "exits held", QTY, EXITS_HELD, "tests/unit/engine/test_exits.py"),
    check(
        "max_order_notional",
        "one micro future denied",
        "or armament.instrument.asset_class not in limits.money_classes",
        "",
    ),
    check(
        "max_position",
        "a symbol's limit lifts the ceiling",
        "money = _least(own.max_position, ceiling)",
        "money = ceiling if own.max_position is None else own.max_position",
    ),
    check(
        "max_position",
        "missing price passes",
        "else order.worst_money_after\n\n    def _qty",
        "else order.worst_money_after or 0\n\n    def _qty",
    ),
    check("max_position", "expiries count apart", "    return instrument_id != own.instrument_id", "    return False"),
    check("max_position", "exits held", QTY, EXITS_HELD, "tests/unit/engine/test_exits.py"),
    check("max_contracts", "off by one", "cls(most * _QTY_PER_RATIO)", "cls(most * _QTY_PER_RATIO - 1)"),
    check("max_contracts", "equities counted", "or armament.instrument.asset_class is not AssetClass.FUTURE", ""),
    check(
        "max_open_positions",
        "off by one",
        "return order.open_instruments_after\n",
        "return order.open_instruments_after - 1\n",
    ),
    check(
        "gross_exposure",
        "unknown passes",
        "return share(order.gross_after, order.equity)",
        "return share(order.gross_after, order.equity) or 0",
    ),
    check(
        "gross_exposure",
        "off by one",
        "return None if most is None else cls(most)",
        "return None if most is None else cls(most - 1)",
    ),
    check(
        "net_exposure",
        "shorts ignored",
        "share(max(abs(high), abs(low)), order.equity)",
        "share(abs(high), order.equity)",
    ),
    check(
        "net_exposure",
        "unknown passes",
        "            return None\n        return share",
        "            return 0\n        return share",
    ),
    check(
        "concentration",
        "the order alone counts",
        "own = share(order.worst_money_after, order.equity)\n        if own is None or",
        "own = share(order.order_notional, order.equity)\n        if own is None or",
    ),
    check(
        "concentration",
        "sector ignored",
        "            if observed > most:\n                return self.limit + 1\n",
        "",
    ),
    check("leverage", "off by one", "return cls(limits.leverage)", "return cls(limits.leverage - 1)"),
    check(
        "leverage",
        "unknown passes",
        "return share(order.gross_after, order.equity)",
        "return share(order.gross_after, order.equity) or 0",
    ),
    check(
        "buying_power",
        "unknown passes",
        "return None if margin is None or equity is None else margin - equity",
        "return (margin or 0) - (equity or 0)",
    ),
    check("buying_power", "off by one", "else margin - equity\n", "else margin - equity + 1\n"),
    check("open_risk", "the day's loss forgotten", "return loss - pnl", "return loss"),
    check(
        "open_risk",
        "no stress move passes",
        "return None if instrument.stress_move is None else stressed(worth, instrument.stress_move)",
        "return stressed(worth, instrument.stress_move or 0)",
    ),
    check(
        "stop_required",
        "a stop at the price protects",
        "(entry - stop) * order.sign <= 0",
        "(entry - stop) * order.sign < 0",
    ),
    check("stop_required", "no stop passes", "            return NO_STOP\n", "            return 0\n"),
    check(
        "short_sale",
        "one share short passes",
        "        return -order.lowest_after\n",
        "        return -order.lowest_after - 10**9\n",
    ),
    check(
        "short_sale",
        "working sells ignored",
        "order.lowest_after >= 0 or not",
        "order.highest_after - order.order_qty >= 0 or not",
    ),
    check(
        "short_sale", "unknown status passes", 'return "" if known else "its short-sale status is unknown"', 'return ""'
    ),
    check(
        "instrument_allowed",
        "deny loses to allow",
        'return cls(0, 1, f"is denied by',
        'return cls(0, 0, f"is denied by',
    ),
    check(
        "instrument_allowed", "not on the list passes", 'return cls(0, 1, f"is not on', 'return cls(0, 0, f"is not on'
    ),
    check("session_hours", "halted passes", "    InstrumentStatus.HALTED: 1,\n", "    InstrumentStatus.HALTED: 0,\n"),
    check("connection", "broker down passes", "return 0 if order.broker_connected else BROKER_DOWN", "return 0"),
    check("connection", "failing store passes", "            return STORE_UNAVAILABLE\n", "            return 0\n"),
    check("quote_usable", "missing quote passes", "            return MISSING\n", "            return 0\n"),
    check("quote_usable", "stale quote passes", "            return STALE\n", "            return 0\n"),
    check("quote_usable", "stub passes", "            return UNUSABLE\n", "            return 0\n"),
    check(
        "quote_usable",
        "size of the wrong side",
        "quote.ask_size if order.sign > 0 else quote.bid_size\n            if",
        "quote.bid_size if order.sign > 0 else quote.ask_size\n            if",
    ),
    check(
        "price_collar",
        "patient side held",
        "return 0 if away <= 0 else div_ceil(away * RATIO_ONE",
        "return div_ceil(abs(away) * RATIO_ONE",
    ),
    check(
        "price_collar",
        "no reference passes",
        "            return 0 if kind is _LIMIT else None\n",
        "            return 0\n",
    ),
    check("self_match", "equal prices pass", "(price - best) * order.sign >= 0", "(price - best) * order.sign > 0"),
    check("trade_frequency", "working entries ignored", "waiting = account.unfilled_entries\n", "waiting = 0\n"),
    check("trade_frequency", "off by one", "+ waiting >= self.per_session", "+ waiting > self.per_session"),
    check("order_rate", "windows of clients ignored", "if self.is_split:", "if False:"),
    bug(
        "order_rate: window edge",
        "measures/rate.py",
        "oldest_that_counts > at - window",
        "oldest_that_counts >= at - window",
        "tests/unit/checks/test_order_rate.py",
    ),
    bug(
        "order_rate: one more",
        "measures/rate.py",
        "log.nth_newest(count)\n    return oldest_that_counts is not None",
        "log.nth_newest(count + 1)\n    return oldest_that_counts is not None",
        "tests/unit/checks/test_order_rate.py",
    ),
    bug(
        "instrument_allowed: raw prefixes match",
        "model/patterns.py",
        'return pattern in (instrument.symbol, instrument.product.rpartition(":")[2]) and pattern != ""',
        'return instrument.symbol.startswith(pattern.rstrip("*"))',
        "tests/unit/checks/test_instrument_allowed.py",
        EXAMPLES,
    ),
    bug(
        "quote_usable: age off by one",
        "measures/price_quality.py",
        "return max_age is None or at - received_at <= max_age",
        "return max_age is None or at - received_at < max_age",
        "tests/unit/checks/test_quote_usable.py",
    ),
    bug(
        "margin rounded for the trader",
        "measures/margin.py",
        "return -(-worst * ratio // RATIO_ONE)",
        "return worst * ratio // RATIO_ONE",
        "tests/unit/measures/test_margin.py",
    ),
    bug(
        "open_risk: without a stop nothing is lost",
        "measures/open_risk.py",
        "return None if stress is None else loss +",
        "return loss if stress is None else loss +",
        "tests/unit/checks/test_open_risk.py",
        "tests/unit/measures/test_open_risk.py",
    ),
)

GATE = (
    bug(
        "limits off by one",
        "engine/gate.py",
        "if observed is None or observed > limit:",
        "if observed is None or observed >= limit:",
        EXAMPLES,
    ),
    bug(
        "unknown passes",
        "engine/gate.py",
        "if observed is None or observed > limit:",
        "if observed is not None and observed > limit:",
        "test_gate",
        "test_marks",
    ),
    bug(
        "a check that raises passes",
        "engine/gate.py",
        '        return check, f"{name} failed to judge the order ({type(fault).__name__}): denied"\n    return None, ""',
        '        return None, f"{name} failed {fault}"\n    return None, ""',
        "test_gate",
    ),
    bug(
        "exits are asked everything",
        "engine/gate.py",
        "checks.asked_of_exits if order.is_reducing else checks.asked",
        "checks.asked",
        "test_exits",
    ),
    bug(
        "nobody is asked",
        "engine/gate.py",
        "checks.asked_of_exits if order.is_reducing else checks.asked",
        "checks.asked_of_exits",
        EXAMPLES,
    ),
    bug(
        "scopes are not asked", "engine/gate.py", "    if checks.scoped:\n", "    if False:\n", "test_limits", EXAMPLES
    ),
    bug(
        "a scope's limits wait for its first order",
        "engine/gate.py",
        "scope = state.scopes.get(armed.key, _NO_SCOPE)\n",
        "scope = state.scopes.get(armed.key)\n        if scope is None:\n            continue\n",
        "test_limits",
    ),
    bug(
        "scopes look into the account's ledger", "engine/gate.py", 'cast("AccountView", scope)', "account", "test_gate"
    ),
    bug(
        "switched off means everything",
        "engine/gate.py",
        "if question[2].name in NEVER_ONLY_WARN)",
        "if False)",
        "test_gate",
    ),
    bug(
        "strategy's reduction is the account's",
        "engine/candidate.py",
        "is_reducing=reducing,\n        worst_money_after",
        "is_reducing=order.is_reducing,\n        worst_money_after",
        EXAMPLES,
    ),
    bug(
        "sell hides buy",
        "engine/candidate.py",
        "highest, lowest = position.qty + position.working_buys, position.qty - position.working_sells",
        "highest = lowest = position.qty + position.working_buys - position.working_sells",
        EXAMPLES,
    ),
    bug(
        "working orders are not counted",
        "engine/candidate.py",
        "highest, lowest = position.qty + position.working_buys, position.qty - position.working_sells",
        "highest = lowest = position.qty",
        EXAMPLES,
        "tests/properties/test_interleavings.py",
    ),
    bug(
        "money of the other side forgotten",
        "engine/candidate.py",
        "money = high if high >= -low else -low",
        "money = high",
        "tests/properties/test_gate_oracle.py",
    ),
    bug(
        "reduce flips: working sells ignored",
        "engine/candidate.py",
        "position.qty - (position.live_sells - counted) - max(qty, counted) >= 0",
        "position.qty - max(qty, counted) >= 0",
        "test_exits",
        EXAMPLES,
    ),
    bug(
        "reduce flips: working buys ignored",
        "engine/candidate.py",
        "position.qty + (position.live_buys - counted) + max(qty, counted) <= 0",
        "position.qty + max(qty, counted) <= 0",
        "test_exits",
    ),
    bug(
        "reduce flips by one",
        "engine/candidate.py",
        "- max(qty, counted) >= 0",
        "- max(qty, counted) >= -10**9",
        "test_exits",
    ),
    bug(
        "any change of an exit is in place",
        "engine/candidate.py",
        "        counted = replaces.reserved_qty\n        if not in_place(replaces, qty, request):\n            counted = 0\n",
        "        counted = replaces.reserved_qty\n",
        "test_replace",
    ),
    bug(
        "a market order is worth the quote",
        "measures/exposure.py",
        "return -(-abs(price) * (100 + MARKET_BUFFER_PERCENT) // 100)",
        "return abs(price)",
        "test_gate",
    ),
    bug(
        "a cheap sell limit hides what it sells at",
        "engine/prices.py",
        "        if sign < 0 and quote is not None",
        "        if False and quote is not None",
        "test_gate",
    ),
    bug(
        "reserved below the mark",
        "engine/candidate.py",
        "reserve = worst if mark is None or -worst <= mark <= worst else abs(mark)",
        "reserve = worst",
        "test_gate",
    ),
    bug(
        "values rounded for the trader",
        "measures/exposure.py",
        "return -(-abs(qty * price) * multiplier // VALUE_SCALE)",
        "return abs(qty * price) * multiplier // VALUE_SCALE",
        "tests/unit/measures/test_exposure.py",
    ),
    bug(
        "the loosest limit wins",
        "engine/strictest.py",
        "        return other if one is None else one\n    return min(one, other)",
        "        return other if one is None else one\n    return max(one, other)",
        "test_limits",
    ),
    bug(
        "a new body under an old id passes",
        "engine/decide/submit.py",
        "    if known is not None:\n        _repeat(",
        "    if known is not None and known.request == request:\n        _repeat(",
        "test_gate",
    ),
    bug(
        "yesterday's ids are forgotten",
        "engine/decide/submit.py",
        "return account.decided.get(client_order_id) or account.decided_before.get(client_order_id)",
        "return account.decided.get(client_order_id)",
        "test_sessions",
    ),
)

LIFE = (
    bug(
        "a partial fill proves an order of unknown outcome",
        "model/order.py",
        "    table[_S.UNKNOWN, _G.PARTIAL_FILL] = _S.UNKNOWN\n",
        "",
        "test_life_cycle",
    ),
    bug(
        "a timeout is a rejection",
        "model/order.py",
        "table[state, _G.LOSE_TRACK] = _S.UNKNOWN",
        "table[state, _G.LOSE_TRACK] = _S.REJECTED",
        EXAMPLES,
    ),
    bug(
        "a cancel on its way ends the order",
        "model/order.py",
        "table[state, _G.REQUEST_CANCEL] = _S.PENDING_CANCEL",
        "table[state, _G.REQUEST_CANCEL] = _S.CANCELED",
        "test_life_cycle",
    ),
    bug(
        "unknown releases the reservation",
        "engine/apply/reservation.py",
        "    if order.state not in LIVE:\n",
        '    if order.state not in LIVE or order.state == "unknown":\n',
        "test_reconcile",
    ),
    bug(
        "a cancel on its way releases the reservation",
        "engine/apply/reservation.py",
        "    if order.state not in LIVE:\n",
        '    if order.state not in LIVE or order.state == "pending_cancel":\n',
        "test_exits",
        "test_life_cycle",
    ),
    bug(
        "replace counts only the new",
        "engine/apply/reservation.py",
        "qty = max(qty, new) if in_place else qty + new",
        "qty = new",
        "test_replace",
    ),
    bug(
        "replace counts the larger",
        "engine/apply/reservation.py",
        "in_place = order.reducing and new <= qty",
        "in_place = True",
        "test_replace",
    ),
    bug("two replaces at once", "engine/decide/orders.py", " or order.pending is not None:", ":", "test_replace"),
    bug(
        "a grown exit stays an exit",
        "engine/apply/orders.py",
        "becomes_entry = order.reducing and order.is_at_broker and not",
        "becomes_entry = False and not",
        "test_replace",
    ),
    bug(
        "a fill is booked twice",
        "engine/decide/reports.py",
        "if account.has_fill(fill.exec_id):",
        "if False:",
        "test_fills",
    ),
    bug(
        "yesterday's fill is booked again",
        "state/account.py",
        "return exec_id in self.fills or exec_id in self.fills_before",
        "return exec_id in self.fills",
        "test_fills",
    ),
    bug(
        "a late fill is dropped",
        "engine/decide/reports.py",
        "    mark = _mark(turn, fill.instrument_id)\n    if order is None:",
        "    mark = _mark(turn, fill.instrument_id)\n    if order is not None and not order.is_live:\n        return\n    if order is None:",
        "test_fills",
        EXAMPLES,
    ),
    bug(
        "an external fill is dropped",
        "engine/decide/reports.py",
        '        turn.say(e.ExternalFilled(message.broker, fill, mark))\n        text = f"fill of',
        '        text = f"fill of',
        "test_fills",
    ),
    bug(
        "a correction adds",
        "engine/decide/reports.py",
        "        turn.say(e.FillVoided(account_id, replaced, exec_id))\n",
        "",
        "test_busts",
    ),
    bug(
        "a bust keeps the cash",
        "engine/apply/fills.py",
        "account.cash += _rebook(position, account, instrument) - booked.cash",
        "_rebook(position, account, instrument)",
        "test_busts",
    ),
    bug(
        "a bust is booked at entry cost",
        "engine/apply/fills.py",
        "    if position.session_mark is not None and position.qty:\n",
        "    if False:\n",
        "test_busts",
    ),
    bug(
        "fees are forgotten",
        "engine/apply/fills.py",
        "return (-money if signed > 0 else money) - fill.fee",
        "return -money if signed > 0 else money",
        "test_fills",
    ),
    bug(
        "released cost is rounded up",
        "measures/pnl.py",
        "held.cost * closed // size, held.session_cost * closed // size",
        "-(-held.cost * closed // size), held.session_cost * closed // size",
        "tests/unit/measures/test_pnl.py",
    ),
    bug(
        "money of a fill is floored",
        "measures/pnl.py",
        "return div_half_even(qty * price * multiplier, VALUE_SCALE)",
        "return qty * price * multiplier // VALUE_SCALE",
        "tests/unit/measures/test_pnl.py",
    ),
    bug(
        "FIFO is average cost",
        "measures/pnl.py",
        "lots, cost, session_cost = _release_lots(held.lots, closed)",
        "lots, cost, session_cost = _release_lots(held.lots, closed)[0], held.cost * closed // size, 0",
        "test_fills",
    ),
    bug(
        "missing fills end an order",
        "engine/decide/reports.py",
        "    if message.cum_qty + order.base_qty > order.cum_qty:\n",
        "    if False:\n",
        "test_reconcile",
    ),
    bug("orphan exits stay", "engine/monitor.py", "    e.ExternalFilled: _on_fill,\n", "", EXAMPLES),
    bug(
        "an order of unknown outcome is not asked after",
        "engine/react.py",
        "    e.OrderBecameUnknown: _query,\n",
        "",
        EXAMPLES,
    ),
    bug(
        "a restart forgets what was on its way",
        "engine/decide/system.py",
        "            if order.state in (OrderState.APPROVED, OrderState.SENT):\n",
        "            if False:\n",
        "test_reconcile",
    ),
)

STREAM = "tests/unit/doors/native/test_stream.py"
SERVE = "tests/unit/doors/native/test_serve.py"
SAFETY = (
    bug(
        "books that differ are not looked at again soon",
        "runtime/reconcile.py",
        "            elif isinstance(event, MismatchFound):\n                self._look_soon.set()\n",
        "",
        "tests/unit/runtime/test_recovery.py",
    ),
    bug(
        "a cut answer is a whole one",
        "cli/client.py",
        "                if not has_length or response.length:\n",
        "                if False:\n",
        "tests/unit/cli/test_cut_answers.py",
    ),
    bug(
        "an answer overtakes one that waits",
        "doors/native/stream.py",
        "if not self._tasks and self._say_now(",
        "if self._say_now(",
        STREAM,
    ),
    bug(
        "a request overtakes an order on its connection",
        "doors/native/protocols.py",
        "and (before is None or before.response_complete)",
        "and (before is None or True)",
        SERVE,
    ),
    bug(
        "an order on the short way from any page",
        "doors/native/edge.py",
        "        if refusal is not None:\n            on_answer(refusal)\n        else:\n",
        "        if True:\n",
        SERVE,
    ),
    bug(
        "a close behind a stop flips",
        "engine/decide/exits.py",
        "hold=Hold.RELEASE if is_blocked else None",
        "hold=None",
        EXAMPLES,
    ),
    bug(
        "the orders in the way are not named",
        "engine/decide/blocked.py",
        "        and order.request.side is request.side\n",
        "        and order.request.side is not request.side\n",
        "test_exits",
    ),
    bug(
        "kill leaves the entries",
        "engine/decide/kill.py",
        "        canceled += _cancel_entries(turn, killed, message.actor)\n",
        "",
        "test_exits",
    ),
    bug(
        "the one who killed releases at once",
        "engine/decide/kill.py",
        "waited < ONE_PERSON_RELEASE_WAIT",
        "waited < 0",
        EXAMPLES,
    ),
    bug(
        "kill is over after a restart",
        "engine/decide/system.py",
        "    for account in turn.state.accounts.values():\n        restrict(",
        '    for account in turn.state.accounts.values():\n        turn.say(e.RestrictionLifted(ScopeKind.ACCOUNT, account.terms.account, "kill", "restart", "engine"))\n        restrict(',
        "test_exits",
    ),
    bug(
        "a breaker is over after a restart",
        "engine/decide/system.py",
        '    turn.reply = Done((("epoch", str(epoch)),))',
        '    for breaker in turn.state.breakers.values():\n        reset_events(turn, breaker, "restart", "engine")\n    turn.reply = Done((("epoch", str(epoch)),))',
        "test_breakers",
    ),
    bug(
        "the daily loss trips one cent late", "engine/breakers.py", "total > -limit", "total >= -limit", "test_breakers"
    ),
    bug(
        "the breaker lets entries rest",
        "engine/monitor.py",
        "    e.RestrictionPlaced: _on_restriction,\n",
        "",
        EXAMPLES,
    ),
    bug(
        "the breaker takes protection away",
        "engine/cancels.py",
        "        return not order.reducing\n",
        "        return True\n",
        "test_breakers",
    ),
    bug(
        "a breaker is reset while its cause holds",
        "engine/decide/risk.py",
        "    if persists:\n",
        "    if False:\n",
        EXAMPLES,
    ),
    bug(
        "our denials count as rejections",
        "engine/apply/orders.py",
        "    remember_id(account, event.request, event.symbol, seq)\n",
        "    remember_id(account, event.request, event.symbol, seq)\n    account.reject_times.append(at)\n",
        "test_breakers",
    ),
    bug(
        "a timer comes early",
        "engine/decide/system.py",
        "if timer is None or timer.due_at > turn.at:",
        "if timer is None:",
        "test_breakers",
    ),
    bug(
        "protection can be cancelled while reducing",
        "engine/decide/blocked.py",
        "return account.severity == 1 or",
        "return",
        "test_exits",
    ),
    bug(
        "a stop can be loosened while reducing",
        "engine/decide/orders.py",
        "return new < old if request.side is Side.SELL else new > old",
        "return False",
        "test_exits",
    ),
    bug(
        "an armed account is loosened at once",
        "engine/decide/limits.py",
        "if any(one.is_armed for one in concerned) and is_looser(old, message.limits):",
        "if False:",
        "test_limits",
    ),
    bug(
        "one approves his own proposal",
        "engine/decide/limits.py",
        "    if is_one_person(proposal.actor, message.actor):\n",
        "    if False:\n",
        "test_limits",
    ),
    bug(
        "loosening is not barred",
        "engine/decide/limits.py",
        "if account.severity or find_breaker(",
        "if False and find_breaker(",
        "test_limits",
    ),
    bug("tightening leaves the orders", "engine/monitor.py", "    e.LimitsChanged: _on_limits,\n", "", EXAMPLES),
    bug(
        "tightening cancels the oldest",
        "engine/retest.py",
        "for order in reversed(list(account.live.values())):",
        "for order in list(account.live.values()):",
        EXAMPLES,
    ),
    bug(
        "a missing position is flat",
        "engine/decide/reconcile.py",
        "for instrument_id in sorted(ours.keys() | theirs.keys())",
        "for instrument_id in sorted(theirs.keys())",
        "test_reconcile",
    ),
    bug(
        "an old picture proves the position",
        "engine/decide/reconcile.py",
        "    if status is None or not status.connected:\n        # A picture",
        "    if False:\n        # A picture",
        "test_reconcile",
    ),
    bug(
        "a lost line leaves the account active",
        "engine/decide/reconcile.py",
        "            restrict(turn, account, CONNECTION, f\"{message.broker} is down: {message.reason or 'no session'}\")\n",
        "",
        "test_reconcile",
    ),
    bug("a transfer is P&L", "engine/apply/accounts.py", "    account.day.transfers += event.amount\n", "", EXAMPLES),
    bug(
        "the day counts from entry cost",
        "engine/apply/accounts.py",
        "        if mark is not None and position.qty:\n",
        "        if False:\n",
        EXAMPLES,
    ),
    bug(
        "the baseline is guessed",
        "engine/decide/system.py",
        '    return None, "unknown", ()',
        '    return account.cash, "guessed", ()',
        EXAMPLES,
    ),
    bug(
        "ids live for one day",
        "engine/apply/accounts.py",
        "account.decided_before, account.decided = account.decided, {}",
        "account.decided_before, account.decided = {}, {}",
        "test_sessions",
    ),
    bug(
        "a stub quote marks",
        "engine/quotes.py",
        "STUB_SPREAD: Final[Ratio] = 100_000",
        "STUB_SPREAD: Final[Ratio] = 100_000_000",
        EXAMPLES,
    ),
    bug(
        "the last trade is not clipped",
        "engine/quotes.py",
        "else clip(last, record.bid, record.ask)",
        "else last",
        "test_marks",
    ),
    bug(
        "an old mark stays",
        "engine/quotes.py",
        "        record.mark, record.usable_streak = None, 0\n",
        "        record.usable_streak = 0\n",
        "test_marks",
    ),
    bug(
        "an unpriced position is worth nothing",
        "state/valuing.py",
        "value.is_unmarked = qty != 0 and mark is None",
        "value.is_unmarked = False",
        EXAMPLES,
    ),
    bug("time runs backwards", "engine/step.py", "    if at < state.at:\n", "    if False:\n", "test_step"),
    bug(
        "a reply comes before the commit",
        "runtime/commit.py",
        "        if not await self._make_durable(records_of(self._in_flight)):\n",
        "        self._on_durable(list(self._in_flight))\n        if not await self._make_durable(records_of(self._in_flight)):\n",
        "tests/unit/runtime/test_group_commit.py",
    ),
    bug(
        "an exit is said before it is in the spool",
        "runtime/commit.py",
        "        writing = asyncio.ensure_future(self._spool.append(records))\n",
        "        self._on_durable(list(self._in_flight))\n"
        "        writing = asyncio.ensure_future(self._spool.append(records))\n",
        SPOOLING,
    ),
    bug(
        "the spool is emptied before the journal has it all",
        "runtime/commit.py",
        "        rest = self.unjournaled()\n",
        "        rest: list[Record] = []\n",
        SPOOLING,
    ),
    bug(
        "what the journal has is given to it again",
        "runtime/commit.py",
        "        return [record for record in waiting if record.seq > self.journaled_seq]\n",
        "        return waiting\n",
        SPOOLING,
    ),
    bug(
        "new risk that was refused goes by the spool",
        "runtime/commit.py",
        'reason != "store_slow" and adds_risk(said)',
        "False",
        SPOOLING,
    ),
    bug(
        "what may not fit the journal is acknowledged",
        "runtime/commit.py",
        "self._spool is not None and reason in SPOOLED",
        "self._spool is not None",
        SPOOLING,
    ),
    bug(
        "any order passes while the journal refuses",
        "engine/decide/spooled.py",
        "    return isinstance(message, i.SubmitOrder) and _leads_out(state, message)\n",
        "    return isinstance(message, i.SubmitOrder)\n",
        "test_spooled",
    ),
    bug(
        "the next start throws the spool away",
        "runtime/recover.py",
        "    missing = [record for record in records if record.seq > end.seq]\n",
        "    missing: list[Record] = []\n",
        SPOOLING,
    ),
    bug(
        "another journal's spool is taken",
        "runtime/recover.py",
        "        if (before, there) != (record.prev_hash, record.hash):\n",
        "        if False:\n",
        SPOOLING,
    ),
    bug(
        "half an entry of the spool is believed",
        "stores/spool/blocks.py",
        "or len(payload) < length or check != _sum(content[at : begin - 16], payload)",
        "or len(payload) < length",
        "tests/unit/stores/spool/test_blocks.py",
    ),
    bug(
        "damage in the middle of the spool passes for a torn end",
        "stores/spool/blocks.py",
        "    if _is_behind(content, at + SECTOR, generation, index):\n",
        "    if False:\n",
        "tests/unit/stores/spool/test_blocks.py",
    ),
    bug(
        "a disk may fail its fsync any number of times",
        "stores/sqlite/distrust.py",
        "note.failed_syncs >= TOO_OFTEN",
        "note.failed_syncs < 0",
        "tests/unit/stores/sqlite/test_distrust.py",
    ),
    bug(
        "a gap in the journal is folded",
        "engine/replay.py",
        "    if seq != state.seq + 1:\n",
        "    if False:\n",
        "test_step",
    ),
)

HOURS = "tests/unit/runtime/test_hours.py"
YEAR = "tests/acceptance/test_trading_year.py"
MARKETS = "tests/unit/runtime/calendars/test_market.py"
DAYS = (
    bug(
        "off hours denies nobody",
        "checks/session_hours.py",
        "instrument.status in _ONLY_STRICT and not self.is_strict",
        "instrument.status in _ONLY_STRICT",
        "tests/unit/checks/test_session_hours.py",
        HOURS,
    ),
    bug(
        "a market opens a moment late",
        "runtime/calendars/market.py",
        "any(span.opens_at <= at for",
        "any(span.opens_at < at for",
        MARKETS,
    ),
    bug(
        "the evening before is the morning after",
        "runtime/calendars/market.py",
        "days, rest = divmod(minutes, 1440)",
        "days, rest = divmod(abs(minutes), 1440)",
        MARKETS,
    ),
    bug(
        "a day of the configuration is not asked",
        "runtime/calendars/market.py",
        "        override = self._overrides.get(text)\n",
        "        override = None\n",
        MARKETS,
        HOURS,
    ),
    bug(
        "hours are told to nobody",
        "runtime/hours.py",
        "            if status is not instrument.status:\n",
        "            if False:\n",
        HOURS,
        YEAR,
    ),
    bug(
        "a halt by hand ends with the hours",
        "runtime/hours.py",
        "if market is None or instrument.status not in _OURS:",
        "if market is None:",
        HOURS,
    ),
    bug(
        "resets stay where they were when clocks change",
        "runtime/sessions.py",
        "    local = datetime.combine(ends_on, reset, load_zone(terms.reset_zone))\n",
        "    local = datetime.combine(date(2024, 1, 2), reset, load_zone(terms.reset_zone)) + (ends_on - date(2024, 1, 2))\n    local = datetime.combine(date(2024, 1, 2), reset, load_zone(terms.reset_zone)).astimezone(UTC) + (ends_on - date(2024, 1, 2))\n",
        YEAR,
    ),
    bug(
        "a week begins a week late",
        "runtime/weeks.py",
        "    while end_of(begins, terms) > at:\n",
        "    while end_of(begins, terms) >= at:\n",
        "tests/unit/runtime/test_weeks.py",
    ),
)

SIZE = "tests/unit/doors/native/test_sizing.py"
SIZING = (
    bug(
        "a size is rounded up",
        "measures/sizing.py",
        "    return min(qty, MAX_SCALED) // lot * lot\n",
        "    return -(-min(qty, MAX_SCALED) // lot) * lot\n",
        "tests/unit/measures/test_sizing.py",
    ),
    bug(
        "a stop is nearer than its ATR",
        "measures/sizing.py",
        "    return div_ceil(div_ceil(atr * times, RATIO_ONE), tick) * tick\n",
        "    return atr * times // RATIO_ONE // tick * tick\n",
        "tests/unit/measures/test_sizing.py",
    ),
    bug(
        "an average range is the last one",
        "measures/volatility.py",
        "div_half_even(average * (period - 1) + each, period)",
        "div_half_even(average + each * (period - 1), period)",
        "tests/unit/measures/test_volatility.py",
    ),
    bug(
        "the gap is no range",
        "measures/volatility.py",
        "    return max(bar.high, close_before) - min(bar.low, close_before)\n",
        "    return bar.high - bar.low\n",
        "tests/unit/measures/test_volatility.py",
    ),
    bug(
        "the size is what was wished",
        "runtime/sizing.py",
        "qty=most or 0, bound_by",
        "qty=sized.wanted_qty, bound_by",
        SIZE,
    ),
    bug(
        "the first cap is named, not the one that binds",
        "runtime/sizing.py",
        "            binding = beyond\n",
        "            pass\n",
        SIZE,
    ),
)

SIM = "tests/unit/sim/alpaca"
ALPACA_DIALECT = "tests/unit/dialects/alpaca"
ALPACA = (
    bug(
        "alpaca: a reported figure is cut, not rounded",
        "dialects/alpaca/decimals.py",
        '("1" if cut.strip("0") else "0")',
        '"0"',
        f"{ALPACA_DIALECT}/test_values.py",
    ),
    bug(
        "alpaca: what a client asks is rounded",
        "dialects/alpaca/decimals.py",
        "        return parse_scaled(_text(value), places)\n",
        "        return parse_rounded(_text(value), places)[0]\n",
        f"{ALPACA_DIALECT}/test_values.py",
    ),
    bug(
        "alpaca: an unknown status is working",
        "dialects/alpaca/words.py",
        "STATES.get(status, OrderState.UNKNOWN)",
        "STATES.get(status, OrderState.WORKING)",
        f"{ALPACA_DIALECT}/test_orders.py",
    ),
    bug(
        "alpaca: a fill without a price is heard",
        "dialects/alpaca/stream.py",
        "update.event in EXECUTIONS and",
        "False and",
        f"{ALPACA_DIALECT}/test_stream.py",
    ),
    bug(
        "alpaca: a missing needed field passes as another error",
        "dialects/alpaca/records.py",
        '                    raise Malformed(f"{key} is missing")\n',
        "                    pass\n",
        f"{ALPACA_DIALECT}/test_create.py",
    ),
    bug(
        "alpaca sim: legs go to work with a part of the entry",
        "sim/alpaca/floor.py",
        '            self.change(order, Status.PARTIALLY_FILLED, at, "partial_fill", execution)\n',
        '            self.change(order, Status.PARTIALLY_FILLED, at, "partial_fill", execution)\n            self.on_end(order, at)\n',
        f"{SIM}/test_families.py",
    ),
    bug(
        "alpaca sim: a triggered stop goes with its profit",
        "sim/alpaca/legs.py",
        "if order.is_open and not order.is_triggered:",
        "if order.is_open:",
        f"{SIM}/test_families.py",
    ),
    bug(
        "alpaca sim: the stop keeps what the profit has traded",
        "sim/alpaca/legs.py",
        "                other.qty = other.filled_qty + order.leaves_qty\n",
        "                pass\n",
        f"{SIM}/test_families.py",
    ),
    bug(
        "alpaca sim: a pair holds its shares twice",
        "sim/alpaca/money.py",
        "if order.side is side and not order.is_shadow and not",
        "if order.side is side and not",
        f"{SIM}/test_families.py",
    ),
    bug(
        "alpaca sim: a trailing stop goes back",
        "sim/alpaca/trailing.py",
        "price <= order.hwm if is_sell",
        "price == order.hwm if is_sell",
        f"{SIM}/test_simple_orders.py",
    ),
    bug(
        "alpaca sim: a used client_order_id passes",
        "sim/alpaca/permits.py",
        "if order.client_order_id and book.with_client_id(order.client_order_id) is not None:",
        "if False:",
        f"{SIM}/test_refusals.py",
    ),
    bug(
        "alpaca sim: suspended accounts trade",
        "sim/alpaca/permits.py",
        "if book.configurations.suspend_trade:",
        "if False:",
        f"{SIM}/test_refusals.py",
    ),
    bug(
        "alpaca sim: a replacement trades what has traded again",
        "sim/alpaca/replacing.py",
        "        qty=asked - order.filled_qty,\n",
        "        qty=asked,\n",
        f"{SIM}/test_replace.py",
    ),
    bug(
        "alpaca sim: a spent fault hits again",
        "sim/alpaca/faults.py",
        "return 0 < self.times <= self.seen",
        "return False",
        f"{SIM}/test_faults.py",
    ),
    bug(
        "alpaca sim: a day order outlives its day",
        "sim/alpaca/making.py",
        "    return hours.next_close(at)\n",
        "    return 0\n",
        f"{SIM}/test_hours.py",
    ),
    bug(
        "alpaca sim: orders trade while the market is shut",
        "sim/alpaca/floor.py",
        "is_open = phase is Phase.REGULAR or",
        "is_open = True or",
        f"{SIM}/test_hours.py",
    ),
)

EMERGENCY = (
    bug(
        "emergency: a process that only has the same id is ended",
        "stores/processes/linux.py",
        "        if began(mark.pid) != mark.began:\n",
        "        if False:\n",
        "tests/unit/stores/processes/test_processes.py",
    ),
    bug(
        "emergency: a process of unknown beginning is ended",
        "stores/processes/__init__.py",
        "    if not mark.began:\n",
        "    if False:\n",
        "tests/unit/stores/processes/test_processes.py",
    ),
    bug(
        "emergency: the broker is spoken to before the kill is on disk",
        "bootstrap/system.py",
        "        await self._before_broker()\n        self._stack.push_async_callback(brokers.close)\n        self._stack.push_async_callback(self._drain)\n        await brokers.start(self.loop.tell)\n",
        "        self._stack.push_async_callback(brokers.close)\n        self._stack.push_async_callback(self._drain)\n        await brokers.start(self.loop.tell)\n        await self._before_broker()\n",
        "tests/unit/bootstrap/test_emergency.py",
    ),
    bug(
        "emergency: a changed file changes limits",
        "bootstrap/emergency.py",
        "return settings, journal.head().config_version",
        "return self.settings, self.settings.version",
        "tests/unit/bootstrap/test_emergency.py",
    ),
    bug(
        "emergency: protection is taken while nothing is proven",
        "runtime/way_out.py",
        "        if not standing.is_proven:\n",
        "        if False:\n",
        "tests/unit/runtime/test_way_out.py",
    ),
    bug(
        "emergency: it closes beside its own stop",
        "runtime/way_out.py",
        "        elif not any(each.client_order_id not in self._undying for each in working):\n",
        "        else:\n",
        "tests/unit/runtime/test_way_out.py",
    ),
    bug(
        "emergency: flat is believed before the broker's book agrees",
        "runtime/way_out.py",
        "        if not working and not positions and standing.is_proven:\n",
        "        if not working and not positions:\n",
        "tests/unit/runtime/test_way_out.py",
    ),
    bug(
        "control door: the secret is not asked for",
        "doors/control/door.py",
        "            if secrets.compare_digest(said, self.address.secret.encode()):\n",
        "            if True:\n",
        "tests/unit/doors/control/test_door.py",
    ),
)

MUTATIONS: tuple[Mutation, ...] = (
    CHECKS + GATE + LIFE + SAFETY + DAYS + SIZING + ALPACA + RULES + BROKERS + EMERGENCY + HELD + DOORS + ENFORCEMENT
)
