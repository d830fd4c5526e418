"""Profiles: a commented configuration made from four answers, and the packs of firms as they ship.

Every number that is derived from an answer says so in its line. Limits are armed; nothing
is weaker than the defaults by itself.

Source     issue 5 (profiles people recognise); semantics.md section 5 (defaults by class).
"""

import re
from enum import StrEnum
from pathlib import Path
from typing import Final

from msgspec import Struct

from stopline.model.numbers import Money, render_money

PACKS: Final = Path(__file__).with_name("packs")
_DAILY_LOSS: Final = re.compile(r"^  daily_loss: ([0-9.]+)(\s+)#.*$", re.MULTILINE)


class Trades(StrEnum):
    """What somebody trades."""

    STOCKS = "stocks"
    FUTURES = "futures"
    BOTH = "both"


class How(StrEnum):
    """Who sends the orders."""

    HAND = "hand"
    BOT = "bot"


OWN: Final = "own"


class Answers(Struct, frozen=True):
    """The four answers. `where` is `own`, or the name of a pack."""

    trades: Trades
    where: str
    how: How
    loss: Money


def pack_names() -> list[str]:
    """Return the packs that ship."""
    return sorted(path.stem for path in PACKS.glob("*.yaml"))


def pack_text(name: str) -> str:
    """Return a pack as it ships."""
    return (PACKS / f"{name}.yaml").read_text(encoding="utf-8")


def render_profile(answers: Answers) -> str:
    """Return the configuration that the answers make."""
    if answers.where != OWN:
        return _with_loss(pack_text(answers.where), answers.loss)
    parts = [_HEAD, _ACCOUNT, _limits(answers), _rules(answers), "...\n"]
    return "".join(parts)


def pack_loss(name: str) -> str:
    """Return the daily loss that a pack sets."""
    match = _DAILY_LOSS.search(pack_text(name))
    assert match is not None, f"{name} sets no daily loss"
    return match[1]


def _with_loss(text: str, loss: Money) -> str:
    """Return a pack with a daily loss of one's own."""
    return _DAILY_LOSS.sub(lambda match: f"  daily_loss: {render_money(loss)}{match[2]}# yours", text, count=1)


_HEAD: Final = """\
---
# Written by `stopline init`. What is not here is as in the defaults: `stopline config show` says what is in force.
# Limits deny new risk and stop the day, rules watch what is held and close it; neither stands in the way of an exit.
# Change what you like, then `stopline config validate`.

"""
_ACCOUNT: Final = """\
accounts:
  - account: main
    broker: paper               # practice here first: made-up prices, no money
    opening_cash: 100000.00
    reset_zone: America/New_York
    reset_time: 17:00           # the trading day ends here
    armed: false                # true: loosening a limit waits, or needs a second person

"""


def _limits(answers: Answers) -> str:
    loss = answers.loss
    lines = [("daily_loss", render_money(loss), "the day's P&L at or below minus this stops new risk")]
    if answers.trades is not Trades.FUTURES:
        lines += [
            ("max_order_notional", render_money(loss * 10), "ten times your daily loss in one order"),
            ("max_position", render_money(loss * 20), "a fall of 5 % in one full position is your daily loss"),
            ("concentration", "25 %", "of equity in one symbol"),
        ]
    if answers.trades is Trades.STOCKS:
        lines += [("leverage", "2.0", "of equity, all positions and orders at worst")]
    if answers.trades is Trades.BOTH:
        lines += [("leverage", "none", "one ES is worth twice such an account; buying_power binds instead")]
    if answers.trades is not Trades.STOCKS:
        contracts = max(loss // (500 * 10**8), 1)
        lines += [("max_contracts", str(contracts), "one for each 500 of daily loss; a micro counts a tenth")]
    if answers.trades is not Trades.BOTH:
        pattern = "eq:*" if answers.trades is Trades.STOCKS else "fut:*"
        lines += [("allow", f'["{pattern}"]', f"{answers.trades} only")]
    lines += _by_hand() if answers.how is How.HAND else _by_bot()
    lines += [("session_hours", "false", "true: no entries while the market is shut; made-up prices trade at any hour")]
    return "limits:\n" + "".join(f"  {f'{key}: {value}':<36}# {why}\n" for key, value, why in lines)


def _rules(answers: Answers) -> str:
    lines = [
        "\nrules:\n",
        f"  daily_total_loss: {{loss_limit: {render_money(answers.loss)}}}   # flat, and locked until the reset\n",
        "  connection_guard: {}            # no new risk while the broker is away\n",
    ]
    if answers.how is How.BOT:
        lines.append("  error_burst: {window: 20 / 1 min}   # a bot that only makes errors rests until you look\n")
    return "".join(lines)


def _by_hand() -> list[tuple[str, str, str]]:
    return [
        ("order_rate", "2 / 1 s", "a hand is not faster"),
        ("duplicate_window", "2 s", "the same order twice is a double click"),
        ("trade_frequency", "20 / 1 h", "entries; more is not a plan"),
    ]


def _by_bot() -> list[tuple[str, str, str]]:
    return [
        ("order_rate", "[10 / 1 s, 200 / 1 min]", "a loop that runs away is stopped"),
        ("reject_burst", "10 / 1 min", "so many rejections by the broker trip the breaker"),
        ("price_collar", "2 %", "a price from a wrong field does not leave"),
    ]
