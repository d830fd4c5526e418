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
        "uncovered = abs(each.qty) - each.stop_qty",
        "uncovered = 0 if each.stop_qty else 1",
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
        "bare = max(size - each.stop_qty, 0)",
        "bare = size if each.stop_qty < size else 0",
    ),
    rule("bracket", "on the wrong side", "move = held.sign * ticks", "move = ticks"),
    rule("bracket", "rounded towards the entry", "up=move > 0", "up=move < 0"),
    rule("daily_realized_profit", "off by one", "realized_pnl >= target", "realized_pnl > target"),
    rule("daily_realized_profit", "always flattens", "if self.terms.flatten:", "if True:"),
    measure("contracts", "the oldest goes first", "in reversed(increases)", "in increases"),
    measure(
        "contracts",
        "rounded down to the lot",
        "lots = div_ceil(before + wanted, counted.lot) * counted.lot",
        "lots = (before + wanted) // counted.lot * counted.lot",
    ),
    measure("hours", "open at the closing", "at < span.closes_at", "at <= span.closes_at"),
    measure("average", "rounded the other way", "if up else price", "if not up else price"),
)
