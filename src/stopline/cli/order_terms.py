"""The options that say what an order is, and the body that they come to."""

import re
from itertools import pairwise
from typing import Annotated, Any, Final

import typer
from msgspec import Struct
from typer.core import TyperCommand

from stopline.cli.durations import seconds_of
from stopline.cli.outcome import Exit, Stop

Side = Annotated[str, typer.Argument(help="buy or sell.", metavar="buy|sell", show_default=False)]
Qty = Annotated[str, typer.Argument(help="How much, above 0; left out with --notional.", show_default=False)]
Symbol = Annotated[str, typer.Argument(help="A symbol such as AAPL, or a canonical id.", show_default=False)]
LimitPrice = Annotated[str, typer.Option("--limit", help="Limit price; without one it is a market order.")]
StopPrice = Annotated[str, typer.Option("--stop", help="Stop price; with --limit a stop-limit order.")]
Trail = Annotated[str, typer.Option("--trail", help="Trailing stop, so much money behind the market.")]
TrailPercent = Annotated[str, typer.Option("--trail-percent", help="Trailing stop, so many percent behind it.")]
TakeProfit = Annotated[str, typer.Option("--take-profit", help="Target of an entry; with --stop-loss a bracket.")]
StopLoss = Annotated[str, typer.Option("--stop-loss", help="Stop of an entry; or beside the target of --class oco.")]
StopLossLimit = Annotated[str, typer.Option("--stop-loss-limit", help="Limit price of --stop-loss once it triggers.")]
Class = Annotated[
    str,
    typer.Option("--class", help="bracket, oto, oco or simple; with legs it follows from them.", show_default=False),
]
OcaGroup = Annotated[str, typer.Option("--oca-group", help="One cancels all: a fill ends the others of this name.")]
When = Annotated[str, typer.Option("--when", help='Wait for a price: "MSFT >= 400", or ">= 180" of the order\'s own.')]
After = Annotated[str, typer.Option("--after", help="Wait for an instant: 2026-11-20T15:00:00Z.")]
Notional = Annotated[str, typer.Option("--notional", help="Order in money, in place of the quantity.")]
ExpireAt = Annotated[str, typer.Option("--expire-at", help="Until when (GTD): 2026-11-20T21:00:00Z.")]
Tif = Annotated[str, typer.Option("--tif", help="How long it works: DAY, GTC, IOC, FOK, GTD (by --expire-at).")]
CancelAfter = Annotated[
    str, typer.Option("--cancel-after", help="Cancel what is left after this time: 30s, 5min, 1h.", show_default=False)
]
OnPartialFill = Annotated[
    str, typer.Option("--on-partial-fill", help="keep, or cancel_rest: an entry that filled in part gives up the rest.")
]
PartialTimeout = Annotated[
    str,
    typer.Option("--partial-timeout", help="How long cancel_rest waits after the first fill: 5s.", show_default=False),
]
ReduceOnly = Annotated[bool, typer.Option("--reduce-only", help="Deny it unless it provably reduces.")]
Strategy = Annotated[str, typer.Option("--strategy", help="Whose limits it also counts in.")]

_SIDES: Final = {"buy": "sell", "sell": "buy"}
_BELOW_ZERO: Final = re.compile(r"-[0-9.,]+")
_WHEN: Final = re.compile(r"\s*([^\s<>=]+)?\s*(>=|<=)\s*([^\s<>=]+)\s*")
_KINDS: Final = {(False, False): "MARKET", (True, False): "LIMIT", (False, True): "STOP", (True, True): "STOP_LIMIT"}


class SideAndQty(TyperCommand):
    """A command `buy|sell QTY ...`: a quantity below zero is told from an option that nobody knows."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Read the words of the command."""
        for side, qty in pairwise(args):
            if side.lower() in _SIDES and _BELOW_ZERO.fullmatch(qty):
                text = f"quantity: {qty!r} must be more than 0: the side, buy or sell, says which way"
                raise Stop(Exit.USAGE, text, f"try: {_SIDES[side.lower()]} {qty.lstrip('-')}")
        return super().parse_args(ctx, args)


class OrderTerms(Struct, frozen=True, kw_only=True):
    """What the options say, as they were given; empty is not given."""

    side: str
    qty: str
    symbol: str = ""
    limit: str = ""
    stop: str = ""
    trail: str = ""
    trail_percent: str = ""
    take_profit: str = ""
    stop_loss: str = ""
    stop_loss_limit: str = ""
    order_class: str = ""
    oca_group: str = ""
    when: str = ""
    after: str = ""
    notional: str = ""
    expire_at: str = ""
    tif: str = "DAY"
    cancel_after: str = ""
    on_partial_fill: str = ""
    partial_timeout: str = ""
    reduce_only: bool = False
    strategy: str = ""
    account: str = ""


def body_of(terms: OrderTerms) -> dict[str, Any]:
    """Return the body of an order or a check. Raises Stop where the options do not go together."""
    qty, symbol = _size(terms)
    is_dated = bool(terms.expire_at) and terms.tif.upper() == "DAY"
    body: dict[str, Any] = {
        "symbol": symbol,
        "side": terms.side.upper(),
        "quantity": qty,
        "order_type": _kind(terms),
        "time_in_force": "GTD" if is_dated else terms.tif.upper(),
        "price": terms.limit,
        "stop_price": terms.stop,
        "trail_amount": terms.trail,
        "trail_percent": terms.trail_percent,
        "order_class": _class(terms),
        "take_profit": terms.take_profit,
        "stop_loss": _stop_loss(terms),
        "oca_group": terms.oca_group,
        "condition": _condition(terms),
        "notional": terms.notional,
        "expire_at": terms.expire_at,
        "cancel_after_s": seconds_of("--cancel-after", terms.cancel_after),
        "on_partial_fill": terms.on_partial_fill.lower(),
        "partial_timeout_s": seconds_of("--partial-timeout", terms.partial_timeout),
        "reduce_only": terms.reduce_only,
        "strategy": terms.strategy,
        "account": terms.account,
    }
    return {name: value for name, value in body.items() if value}


def _size(terms: OrderTerms) -> tuple[str, str]:
    """Return quantity and symbol: in money the first argument after the side is the symbol."""
    if terms.notional and terms.symbol:
        raise Stop(Exit.USAGE, f"give a quantity or --notional, not both: order buy {terms.symbol} --notional 500")
    if terms.notional:
        return "", terms.qty
    if not terms.symbol:
        raise Stop(Exit.USAGE, "say how much of what: order buy 5 AAPL; or in money: order buy AAPL --notional 500")
    return terms.qty, terms.symbol


def _kind(terms: OrderTerms) -> str:
    if not (terms.trail or terms.trail_percent):
        return _KINDS[bool(terms.limit), bool(terms.stop)]
    if terms.limit or terms.stop or (terms.trail and terms.trail_percent):
        raise Stop(Exit.USAGE, "a trailing stop takes --trail or --trail-percent, and neither --limit nor --stop")
    return "TRAILING_STOP"


def _class(terms: OrderTerms) -> str:
    """Return the class that was said, or that the legs make it."""
    if terms.order_class or not (terms.take_profit or terms.stop_loss):
        return terms.order_class.lower()
    return "bracket" if terms.take_profit and terms.stop_loss else "oto"


def _stop_loss(terms: OrderTerms) -> object:
    if not terms.stop_loss_limit:
        return terms.stop_loss
    if not terms.stop_loss:
        raise Stop(Exit.USAGE, "--stop-loss-limit is the limit price of a --stop-loss: give both")
    return {"stop_price": terms.stop_loss, "limit_price": terms.stop_loss_limit}


def _condition(terms: OrderTerms) -> dict[str, str]:
    condition: dict[str, str] = {}
    if terms.when:
        found = _WHEN.fullmatch(terms.when)
        if found is None:
            raise Stop(Exit.USAGE, f'--when {terms.when!r} is no condition: "MSFT >= 400", or "<= 170"')
        symbol, relation, price = found.groups()
        condition = {"symbol": symbol or "", "price": f"{relation} {price}"}
    condition["after"] = terms.after
    return {name: value for name, value in condition.items() if value}
