"""Bots that promised to say that they live: when one goes silent, its entries go and its stops stay.

Source     issue 4 (groups and bots); reliability.md N1.
"""

from stopline.engine.cancels import request_cancel
from stopline.engine.turn import Turn
from stopline.messages import events as e
from stopline.model.instants import render_duration
from stopline.model.numbers import SECOND, Nanos
from stopline.state.account import AccountState
from stopline.state.orders import OrderRecord


def is_of(order: OrderRecord, bot: str) -> bool:
    """Return whether an order is a bot's: of its strategy, or of its connection."""
    kind, _, name = bot.partition(":")
    return (order.request.strategy if kind == "strategy" else order.client) == name


def look_after_bots(turn: Turn, account: AccountState) -> Nanos | None:
    """Say who went silent, and return when the next one would."""
    name, heard = account.terms.account, turn.state.market.heard
    instants = []
    for bot, watched in account.bots.items():
        # After a restart nobody was heard yet: everyone has his time from then on.
        due = heard.setdefault((name, bot), turn.at) + watched.timeout
        if watched.is_silent:
            continue
        if turn.at < due:
            instants.append(due)
            continue
        silent_for = turn.at - heard[name, bot]
        turn.say(e.BotSilent(name, bot, silent_for))
        length = render_duration(silent_for // SECOND * SECOND)
        text = f"{bot} has not said for {length} that it lives: its entries are cancelled"
        turn.alert(name, "BOT_SILENT", "ERROR", f"{text}, its stops stay")
        for order in account.live.values():
            if is_of(order, bot) and not order.reducing:
                request_cancel(turn, order, "its bot went silent", "engine")
    return min(instants, default=None)
