"""Planted bugs in the account rules and in what they measure with (see catalog.py)."""
# ruff: noqa: E501  a planted text is as long as the line it stands in

from tests.mutations.planted import Mutation


def rule(name: str, bug: str, old: str, new: str, *more: str) -> Mutation:
    """A bug in the file of a rule, which the tests of that rule must notice."""
    return Mutation(f"rules/{name}: {bug}", f"rules/{name}.py", old, new, (f"tests/unit/rules/test_{name}.py", *more))


def measure(name: str, bug: str, old: str, new: str) -> Mutation:
    """A bug in a measure that rules use."""
    return Mutation(
        f"measures/{name}: {bug}", f"measures/{name}.py", old, new, (f"tests/unit/measures/test_{name}.py",)
    )


def memory(name: str, bug: str, old: str, new: str, tests: str = "tests/unit/engine/test_shadow.py") -> Mutation:
    """A bug in what is remembered for rules, or in how they are asked."""
    return Mutation(f"{name}: {bug}", f"{name}.py", old, new, (tests,))


BOOK = "tests/unit/engine/test_rulebook.py"

RULES = (
    rule("max_contracts", "off by one", "held > limit, detail", "held >= limit, detail"),
    rule("max_contracts", "micros count whole", "each.instrument.contract_weight)", "1_000_000)"),
    rule("max_contracts", "a short is negative", "weighted_contracts(abs(each.qty)", "weighted_contracts((each.qty)"),
    rule("max_contracts_per_instrument", "off by one", "held > limit, detail", "held >= limit, detail"),
    rule("max_contracts_per_instrument", "by expiry", "return instrument.product if", "return instrument.symbol if"),
    rule("daily_realized_loss", "off by one", "realized_pnl <= limit", "realized_pnl < limit"),
    rule("daily_realized_loss", "a profit locks", "limit = -self.terms", "limit = self.terms"),
    rule(
        "daily_unrealized_loss", "off by one", "loss is not None and loss <= limit", "loss is not None and loss < limit"
    ),
    rule(
        "daily_unrealized_loss",
        "a stub closes",
        "each.unrealized_pnl if each.is_trusted else None",
        "each.unrealized_pnl",
    ),
    rule(
        "daily_unrealized_loss",
        "unpriced is zero",
        "        if not each.is_trusted or each.unrealized_pnl is None:\n            return None\n        total += each.unrealized_pnl",
        "        total += each.unrealized_pnl or 0",
    ),
    rule("max_unrealized_profit", "off by one", "profit >= target", "profit > target"),
    rule("max_unrealized_profit", "on the session's basis", "profit = each.open_pnl", "profit = each.unrealized_pnl"),
    rule("trade_frequency", "off by one", "trades > window.count, detail", "trades >= window.count, detail"),
    rule("trade_frequency", "the session is off by one", "trades > most, detail", "trades >= most, detail"),
    rule("cooldown_after_loss", "off by one", "realized <= -tier.loss", "realized < -tier.loss"),
    rule("cooldown_after_loss", "the smallest tier counts", "return max(reached", "return min(reached"),
    rule("cooldown_after_loss", "one instant too long", "seen.at < until", "seen.at <= until"),
    rule("stop_loss_grace", "off by one", "waited > grace or", "waited >= grace or"),
    rule(
        "stop_loss_grace",
        "any stop will do",
        "return bare_of(held.qty, held.stop_qty, held.instrument.lot_size)",
        "return 0 if held.stop_qty else 1",
    ),
    rule("stop_loss_grace", "a grace of nothing waits", " or grace == 0", ""),
    rule("session_block", "unknown hours lock", "if not seen.trading_hours:", "if False:"),
    rule("session_block", "always flattens", "if self.terms.flatten and seen.positions:", "if seen.positions:"),
    rule(
        "connection_guard",
        "back is enough",
        "not (seen.broker.is_connected and seen.broker.is_reconciled)",
        "not seen.broker.is_connected",
    ),
    rule("connection_guard", "one remedy for all", "_AUTH if broker.auth_failed else _LOST", "_LOST"),
    rule(
        "symbol_block",
        "only the first pattern",
        "for one in self.terms.blocked if",
        "for one in self.terms.blocked[:1] if",
    ),
    rule(
        "bracket",
        "covers all again",
        "bare = bare_of(each.qty, each.stop_qty + each.stops_coming, lot)",
        "bare = abs(each.qty) if each.stop_qty < abs(each.qty) else 0",
    ),
    rule("bracket", "on the wrong side", "move = held.sign * ticks", "move = ticks"),
    rule("bracket", "rounded towards the entry", "up=move > 0", "up=move < 0"),
    rule("daily_realized_profit", "off by one", "realized_pnl >= target", "realized_pnl > target"),
    rule("daily_realized_profit", "always flattens", "if self.terms.flatten:", "if True:"),
    rule("daily_total_loss", "off by one", "total <= limit", "total < limit"),
    rule("daily_total_loss", "unknown is a loss", "total is not None and total", "(total or -(10**18))"),
    rule("weekly_loss", "off by one", "total <= limit", "total < limit"),
    rule(
        "weekly_loss",
        "locks for the day only",
        "flatten_and_lock(seen.week_resets_at)",
        "flatten_and_lock(seen.resets_at())",
    ),
    rule("max_drawdown", "off by one", "not None and seen.equity <= floor", "not None and seen.equity < floor"),
    rule("profit_target", "off by one", "made >= self.terms.target)", "made > self.terms.target)"),
    rule("profit_target", "always flattens", "if self.terms.flatten else (told,)", "if True else (told,)"),
    rule("consistency", "off by one", "share > self.terms.share, detail", "share >= self.terms.share, detail"),
    rule("consistency", "today does not count", "max(seen.best_day, seen.total_pnl)", "seen.best_day"),
    Mutation(
        "rules/base: ticks of longs alone",
        "rules/base.py",
        "div_ceil(abs(each.qty) * each",
        "div_ceil(max(each.qty, 0) * each",
        ("tests/unit/rules/test_buffers.py",),
    ),
    Mutation(
        "rules/base: the buffer is on the wrong side",
        "rules/base.py",
        "return terms.buffer + terms.buffer_ticks * ticks",
        "return -terms.buffer - terms.buffer_ticks * ticks",
        ("tests/unit/rules/test_buffers.py",),
    ),
    Mutation(
        "measures/contracts: a tier begins a cent late",
        "measures/contracts.py",
        "opening_profit >= tier.profit",
        "opening_profit > tier.profit",
        ("tests/unit/rules/test_max_contracts.py",),
    ),
    rule("group_loss", "off by one", "total <= limit", "total < limit"),
    rule("group_loss", "an account alone is a group", "if seen.group:", "if True:"),
    rule("max_drawdown", "the open profit counts in end of day", "return seen.peak_close", "return seen.peak_equity"),
    rule("max_drawdown", "transfers do not shift the lock level", "lock + seen.transfers", "lock"),
    rule("consecutive_losses", "off by one", "streak >= most and", "streak > most and"),
    rule("consecutive_losses", "rests one instant too long", "seen.at >= until", "seen.at > until"),
    rule("reject_burst", "off by one", "count >= window.count", "count > window.count"),
    rule("reject_burst", "counts all errors", "seen.reject_times", "seen.error_times"),
    rule("error_burst", "off by one", "count >= window.count", "count > window.count"),
    rule("profit_giveback", "off by one", "given_back >= limit", "given_back > limit"),
    rule(
        "profit_giveback",
        "armed late",
        "peak < self.terms.arm_at:\n            return\n",
        "peak <= self.terms.arm_at:\n            return\n",
    ),
    rule("profit_giveback", "the larger one counts", "return min(limits)", "return max(limits)"),
    rule("trailing_stop", "off by one", "back >= limit", "back > limit"),
    rule(
        "trailing_stop",
        "a short trails upwards",
        "(each.best_mark - each.mark) * each.sign if",
        "(each.best_mark - each.mark) if",
    ),
    rule("trailing_stop", "a stub closes", "if each.is_trusted and each.mark", "if each.mark"),
    rule("trailing_stop", "armed at once", "needed == 0 or", "True or"),
    rule("breakeven", "off by one", "left <= limit", "left < limit"),
    rule("breakeven", "armed late", "each.sign < self.terms.trigger_ticks", "each.sign <= self.terms.trigger_ticks"),
    rule("breakeven", "a short upside down", "left = (each.mark - entry) * each.sign", "left = (each.mark - entry)"),
    rule("time_exit", "off by one", "age >= most", "age > most"),
    rule("time_exit", "late by one", "left <= least", "left < least"),
    rule("position_mismatch", "off by one", "age > grace or", "age >= grace or"),
    rule(
        "position_mismatch",
        "blind and sure",
        "seen.broker.mismatch and seen.broker.is_connected",
        "seen.broker.mismatch",
    ),
    rule("margin_call", "off by one", "equity <= needed", "equity < needed"),
    rule("margin_call", "no buffer", "RATIO_ONE + self.terms.buffer", "RATIO_ONE"),
    rule("stale_feed", "off by one", "age > most, each", "age >= most, each"),
    rule("stale_feed", "shut is stale", "if each.is_market_open:", "if True:"),
    rule("stale_feed", "a start is as good as a quote", "since > _newest(each) and age <= most", "False"),
    rule("stale_feed", "the night counts", "return max(_newest(held), held.quotes_since)", "return _newest(held)"),
    rule("loss_velocity", "off by one", "lost >= limit", "lost > limit"),
    rule("loss_velocity", "always flattens", "if self.terms.flatten else ()", "if True else ()"),
    rule("volatility_breaker", "off by one", "moved >= self.terms.move", "moved > self.terms.move"),
    rule("expiry_guard", "off by one", "left <= least", "left < least"),
    measure("window", "falls only from the oldest", "return max(inside) - inside[-1]", "return inside[0] - inside[-1]"),
    measure("window", "from the top", "RATIO_ONE // abs(inside[0])", "RATIO_ONE // abs(max(inside))"),
    measure("drawdown", "a lock level lowers the first floor", "return max(floor, first)", "return floor"),
    measure("streak", "nothing made goes on", "if result >= 0:", "if result > 0:"),
    measure("margin", "a short needs none", "cash_class_margin(abs(value)", "cash_class_margin(max(value, 0)"),
    measure("contracts", "the oldest goes first", "in reversed(increases)", "in increases"),
    measure(
        "contracts",
        "rounded down to the lot",
        "lots = div_ceil(before + wanted, counted.lot) * counted.lot",
        "lots = (before + wanted) // counted.lot * counted.lot",
    ),
    measure("hours", "open at the closing", "at < span.closes_at", "at <= span.closes_at"),
    measure("average", "rounded the other way", "if up else price", "if not up else price"),
    memory("engine/history", "a close bears no fee", "realized - parts.closing_fee", "realized"),
    memory("engine/history", "a flip is one trade", "if after == 0 or parts.opened:", "if after == 0:"),
    memory("engine/history", "partial fills are trades", "order.cum_qty != fill.qty or ", ""),
    memory("engine/history", "fills of one instant are many trades", "if history.newest_entry != entry:", "if True:"),
    memory(
        "engine/history",
        "the oldest increase goes first",
        "for each in reversed(history.increases):\n        if",
        "for each in history.increases:\n        if",
    ),
    memory(
        "engine/history",
        "a peak falls",
        "max(history.peak_equity, seen.equity - history.transfers)",
        "seen.equity - history.transfers",
    ),
    memory("engine/history", "a week begins every day", "history.week.week_id != week.week_id", "True"),
    memory(
        "engine/history",
        "a cancelled stop still protects",
        "elif trip.unprotected_since is None:\n            trip.unprotected_since = seen.at",
        "elif False:\n            pass",
    ),
    memory("engine/quotes", "one usable quote is enough", "TRUSTED_STREAK: Final = 2", "TRUSTED_STREAK: Final = 1"),
    memory(
        "engine/quotes",
        "what was before a silence confirms what comes after",
        "record.mark, record.usable_streak = None, 0",
        "record.mark = None",
        "tests/unit/engine/test_marks.py",
    ),
    memory(
        "engine/decide/system",
        "a day opens on one quote",
        "if value.mark is not None and is_of_one_quote(turn.state, name)",
        "if False",
        "tests/unit/engine/test_sessions.py",
    ),
    memory(
        "engine/situation",
        "transfers are profit of the week",
        "equity - moved - history.week_baseline",
        "equity - history.week_baseline",
    ),
    memory(
        "engine/rulebook", "a missing figure ends a breach", "name in said or is_unknown or", "name in said or", BOOK
    ),
    memory("engine/rulebook", "what is won back unlocks", " or is_latched)", ")", BOOK),
    memory(
        "engine/rulebook", "a failing rule says nothing", "            said.append(_defect(rule, error))\n", "", BOOK
    ),
    memory(
        "engine/rulebook", "yesterday's breach is today's", "if _is_over(rule, breach, history) or not", "if not", BOOK
    ),
    memory(
        "state/coverage",
        "a stop that is being cancelled protects",
        "OrderState.PENDING_REPLACE})",
        "OrderState.PENDING_REPLACE, OrderState.PENDING_CANCEL})",
        "tests/unit/state/test_coverage.py",
    ),
    memory(
        "state/coverage",
        "stops of either side protect",
        " or request.side is not closing",
        "",
        "tests/unit/state/test_coverage.py",
    ),
    memory(
        "runtime/own_hours",
        "every day is a trading day",
        " if day.weekday() in block.weekdays",
        "",
        "tests/unit/runtime/test_own_hours.py",
    ),
    measure("round_trip", "the fee goes to the new trade", "fee * closed, size", "0, size"),
)
