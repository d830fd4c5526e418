"""Orders and accounts for tests of checks, each in a line.

Numbers are texts as people write them, or ints that are scaled already. Figures that a
test does not name follow from the order and its position alone, as if the account held
nothing else.
"""

import re
from typing import Any

from stopline.checks.base import Armament, Candidate, Check
from stopline.measures.exposure import notional, worst_money, worst_qty
from stopline.model.account import AccountTerms
from stopline.model.capabilities import Capabilities
from stopline.model.instrument import AssetClass, Instrument
from stopline.model.limits import Limits, SymbolLimit
from stopline.model.numbers import SECOND, parse_price, parse_qty, parse_ratio
from stopline.model.order import OrderClass, OrderRequest, OrderState, OrderType, Side, TimeInForce
from stopline.model.verdict import Finding, Unit
from stopline.state.account import AccountState
from stopline.state.lockouts import Restriction
from stopline.state.market import PositionValue, QuoteRecord, Valuation
from stopline.state.orders import DecidedId, OrderRecord
from stopline.state.positions import Position
from stopline.state.rates import RateLog

NOW = 1_767_718_800 * SECOND
"""2026-01-06T17:00:00Z, a Tuesday."""

TERMS = AccountTerms("A1", "paper", "USD")
CASH_TERMS = AccountTerms("A1", "paper", "USD", margin_account=False)

TAKES_ALL = Capabilities(
    tuple(OrderType), tuple(TimeInForce), tuple(OrderClass), extended_hours=True, notional_orders=True
)
PAPER = Capabilities(tuple(OrderType), (TimeInForce.DAY, TimeInForce.GTC), (OrderClass.SIMPLE,))


def money(text: str | int) -> int:
    return text if isinstance(text, int) else parse_price(text)


def qty(text: str | int) -> int:
    return text if isinstance(text, int) else parse_qty(text)


def ratio(text: str | int) -> int:
    return text if isinstance(text, int) else parse_ratio(text)


def equity(symbol: str, **terms: Any) -> Instrument:
    base: dict[str, Any] = {"tick_size": money("0.01"), "lot_size": qty("1"), "multiplier": money("1")}
    base |= {"shortable": True, "stress_move": ratio("0.10")}
    name = f"eq:US:{symbol}"
    return Instrument(name, symbol, name, AssetClass.EQUITY, "USD", **(base | terms))


def future(product: str, expiry: str, multiplier: str, **terms: Any) -> Instrument:
    base: dict[str, Any] = {"tick_size": money("0.25"), "lot_size": qty("1"), "initial_margin": money("20000")}
    base |= {"maintenance_margin": money("18000"), "multiplier": money(multiplier)}
    return Instrument(
        f"fut:{product}:{expiry}",
        f"{product}{expiry}",
        f"fut:{product}",
        AssetClass.FUTURE,
        "USD",
        **(base | terms),
    )


def crypto(symbol: str, **terms: Any) -> Instrument:
    base: dict[str, Any] = {"tick_size": money("0.01"), "lot_size": qty("0.0001"), "multiplier": money("1")}
    name = f"cr:{symbol}"
    return Instrument(name, symbol, name, AssetClass.CRYPTO, "USD", **(base | terms))


def forex(pair: str, **terms: Any) -> Instrument:
    base: dict[str, Any] = {
        "tick_size": money("0.00001"),
        "lot_size": qty("1000"),
        "multiplier": money("1"),
    }
    name = f"fx:{pair}"
    return Instrument(name, pair, name, AssetClass.FOREX, pair[3:], **(base | terms))


def option(symbol: str, **terms: Any) -> Instrument:
    base: dict[str, Any] = {"tick_size": money("0.01"), "lot_size": qty("1"), "multiplier": money("100")}
    return Instrument(f"opt:{symbol}", symbol, "opt:AAPL", AssetClass.OPTION, "USD", **(base | terms))


AAPL, TSLA, SPY = equity("AAPL", sector="tech"), equity("TSLA", sector="cars"), equity("SPY")
MSFT = equity("MSFT", sector="tech")
ES_DEC, ES_MAR = future("ES", "2026-12", "50"), future("ES", "2027-03", "50")
MES_DEC = future("MES", "2026-12", "5", initial_margin=money("2000"), contract_weight=ratio("0.1"))
CL_MAY = future("CL", "2020-05", "1000", tick_size=money("0.01"), price_may_be_negative=True)
BTC, EURUSD, CALL = crypto("BTCUSD"), forex("EURUSD"), option("AAPL 2026-12-18 C 200")


def armed(
    kind: type[Check],
    instrument: Instrument = AAPL,
    *,
    symbol: SymbolLimit | None = None,
    terms: AccountTerms = TERMS,
    capabilities: Capabilities | None = TAKES_ALL,
    **limits: Any,
) -> Check:
    check = arm(kind, instrument, symbol=symbol, terms=terms, capabilities=capabilities, **limits)
    assert check is not None, f"{kind.name} is not armed"
    return check


def arm(
    kind: type[Check],
    instrument: Instrument = AAPL,
    *,
    symbol: SymbolLimit | None = None,
    terms: AccountTerms = TERMS,
    capabilities: Capabilities | None = TAKES_ALL,
    **limits: Any,
) -> Check | None:
    """Return the check that these limits and no others arm, or None."""
    return kind.arm(Armament(Limits(**limits), symbol or SymbolLimit(), instrument, terms, capabilities))


_PRICES = ("limit_price", "stop_price", "take_profit", "stop_loss", "stop_loss_limit", "trail_amount", "notional")


def request(side: str, size: str | int, instrument: Instrument, **terms: Any) -> OrderRequest:
    for name in _PRICES:
        if terms.get(name) is not None:
            terms[name] = money(terms[name])
    if "order_type" not in terms:
        kinds = {
            (False, False): OrderType.MARKET,
            (True, False): OrderType.LIMIT,
            (False, True): OrderType.STOP,
            (True, True): OrderType.STOP_LIMIT,
        }
        has_limit, has_stop = terms.get("limit_price") is not None, terms.get("stop_price") is not None
        terms["order_type"] = kinds[has_limit, has_stop]
    cid = terms.pop("client_order_id", "C1")
    return OrderRequest("A1", cid, instrument.instrument_id, Side(side), qty(size), **terms)


_MONEY_FIGURES = (
    "worst_price order_notional reserve_price worst_money_after gross_after net_high_after net_low_after "
    "margin_after equity total_pnl"
).split()
_QTY_FIGURES = ("highest_after", "lowest_after", "worst_qty_after")


def order(side: str, size: str | int, instrument: Instrument = AAPL, limit: Any = None, **fields: Any) -> Candidate:
    """Return an order as a check sees it; fields of the request and of the candidate alike may be named.

    `left` is what a replace leaves to trade, where some has filled.
    """
    if limit is not None:
        fields["limit_price"] = limit
    asked = {name: fields.pop(name) for name in OrderRequest.__struct_fields__ if name in fields}
    request_ = request(side, size, instrument, **asked)
    for names, parse in ((_MONEY_FIGURES, money), (_QTY_FIGURES, qty)):
        for name in names:
            if fields.get(name) is not None:
                fields[name] = parse(fields[name])
    sign = 1 if request_.side is Side.BUY else -1
    made = Candidate(
        request_, instrument.symbol, instrument, NOW, "local", "", sign, request_.order_qty,
        equity=money("100000"), total_pnl=0, broker_connected=True,
        instruments={one.instrument_id: one for one in (instrument, AAPL, TSLA, SPY, MSFT, ES_DEC, ES_MAR, MES_DEC)},
    )  # fmt: skip
    if "left" in fields:
        made.order_qty = qty(fields.pop("left"))
    made.position = fields.get("position")
    made.worst_price = fields.get("worst_price", request_.limit_price)
    _measure(made, instrument)
    for name, value in fields.items():
        setattr(made, name, value)
    return made


def _measure(made: Candidate, instrument: Instrument) -> None:
    held = made.position or Position(instrument.instrument_id)
    buys, sells = (made.order_qty, 0) if made.sign > 0 else (0, made.order_qty)
    made.highest_after, made.lowest_after = held.highest + buys, held.lowest - sells
    made.worst_qty_after = worst_qty(made.highest_after, made.lowest_after)
    if made.worst_price is None:
        return
    worth = notional(made.order_qty, abs(made.worst_price), instrument.multiplier)
    made.order_notional = worth
    value = notional(held.qty, abs(made.worst_price), instrument.multiplier) * (1 if held.qty >= 0 else -1)
    buy_money = held.buy_money + (worth if buys else 0)
    sell_money = held.sell_money + (worth if sells else 0)
    made.worst_money_after = made.gross_after = worst_money(value, buy_money, sell_money)
    made.net_high_after, made.net_low_after = value + buy_money, value - sell_money
    made.margin_after = made.worst_money_after // 2


def buy(size: str | int, instrument: Instrument = AAPL, limit: Any = None, **fields: Any) -> Candidate:
    return order("buy", size, instrument, limit, **fields)


def sell(size: str | int, instrument: Instrument = AAPL, limit: Any = None, **fields: Any) -> Candidate:
    return order("sell", size, instrument, limit, **fields)


def exits(size: str | int, instrument: Instrument = AAPL, limit: Any = None, **fields: Any) -> Candidate:
    """Return a sell that provably reduces a long of the same size."""
    position = fields.pop("position", held(instrument, size))
    return order("sell", size, instrument, limit, position=position, is_reducing=True, **fields)


def held(instrument: Instrument, size: str | int = 0, **fields: Any) -> Position:
    for name, value in fields.items():
        if isinstance(value, str):
            fields[name] = money(value) if name.endswith("money") or "resting" in name else qty(value)
    return Position(instrument.instrument_id, qty=qty(size), **fields)


def quote(bid: Any = None, ask: Any = None, instrument: Instrument = AAPL, **fields: Any) -> QuoteRecord:
    """Return a usable quote received now, unless fields say otherwise."""
    base: dict[str, Any] = {"received_at": NOW, "usable": bid is not None and ask is not None}
    base |= {"bid_size": qty("100"), "ask_size": qty("100")}
    for name in ("last_price", "mark"):
        if fields.get(name) is not None:
            fields[name] = money(fields[name])
    for name in ("bid_size", "ask_size"):
        if name in fields:
            fields[name] = qty(fields[name])
    return QuoteRecord(
        instrument.instrument_id,
        bid=None if bid is None else money(bid),
        ask=None if ask is None else money(ask),
        **(base | fields),
    )


def account(**fields: Any) -> AccountState:
    return AccountState(fields.pop("terms", TERMS), **fields)


def holding(*positions: Position, **values: PositionValue) -> AccountState:
    """Return an account with these positions; `values` are by symbol, as `AAPL=worth("1000")`."""
    by_symbol = {one.symbol: one.instrument_id for one in (AAPL, TSLA, SPY, MSFT, ES_DEC, ES_MAR, MES_DEC)}
    valuation = Valuation({by_symbol.get(name, name): value for name, value in values.items()})
    return account(positions={one.instrument_id: one for one in positions}, valued=valuation)


def worth(value: str, *, worst: str | None = None, **fields: Any) -> PositionValue:
    amount = money(value)
    return PositionValue(
        value=amount, worst_money=abs(amount) if worst is None else money(worst), is_open=True, **fields
    )


def times(*seconds_ago: str) -> RateLog:
    """Return a log of instants so many seconds before now, oldest first."""
    log = RateLog()
    for text in sorted(seconds_ago, key=parse_qty, reverse=True):
        log.append(NOW - parse_qty(text))
    return log


def record(candidate: Candidate, ago: str = "0", **fields: Any) -> OrderRecord:
    """Return the record of an order that was accepted some seconds ago."""
    asked, at = candidate.request, NOW - parse_qty(ago)
    base: dict[str, Any] = {"state": OrderState.WORKING, "updated_at": at}
    base |= fields
    return OrderRecord(
        asked, "sl1-1", "1-1", 1, base.pop("state"), candidate.is_reducing, asked.order_qty, asked.limit_price,
        asked.stop_price, asked.limit_price, "local", "", at, base.pop("updated_at"), **base,
    )  # fmt: skip


def decided(candidate: Candidate) -> DecidedId:
    return DecidedId(candidate.request, candidate.symbol, seq=1)


def restricted(*restrictions: Restriction, severity: int) -> AccountState:
    return account(restrictions={one.key: one for one in restrictions}, severity=severity)


_SAID_OF_A_DENIAL = re.compile("exceed|has reached|come down|more than|less than")
_SAID_OF_A_PASS = re.compile("within|is above its|has not reached")


def judge(check: Check, candidate: Candidate, view: AccountState | None = None) -> Finding:
    """Return the finding, having seen that the gate's comparison, the finding and its words agree."""
    view = view or account()
    observed = check.observe(candidate, view)
    finding = check.explain(candidate, view)
    is_denied = observed is None or observed > check.limit
    assert finding.status == ("denied" if is_denied else "passed")
    assert finding.check == check.name
    assert finding.reason
    assert not (_SAID_OF_A_PASS if is_denied else _SAID_OF_A_DENIAL).search(finding.reason)
    if finding.unit is Unit.STATE:
        assert is_denied == (observed != 0), "a state is 0, or it denies"
    return finding


def denies(check: Check, candidate: Candidate, view: AccountState | None = None) -> bool:
    return judge(check, candidate, view).status == "denied"
