"""Lives of an account, made at random from a seed: what the tables are compared on."""

from random import Random

from stopline.messages import inputs as i
from stopline.model.breach import Mode
from stopline.model.limits import Limits, RateWindow, ScopeKind
from stopline.model.numbers import render_price
from stopline.model.order import Condition, OrderClass, OrderType, Relation, Side, TimeInForce
from stopline.model.rules import (
    BracketTerms,
    DailyRealizedLossTerms,
    MaxContractsPerInstrumentTerms,
    MaxUnrealizedProfitTerms,
    Rules,
)
from tests.build import World, money, qty, ratio

SYMBOLS = ("AAPL", "MSFT", "ES2026-12")
PRICES = {"AAPL": 175, "MSFT": 380, "ES2026-12": 4000}


def busy(seed: int, steps: int = 120, *, fifo: bool = False) -> World:
    """Return a world after some sessions of orders, fills, busts, changes, trouble and limits."""
    chance = Random(seed)
    world = World(strict=False, cash="10000000", fifo=fifo, limits=_limits())
    if seed % 4 == 0:
        world.step(i.ArmAccount(account="A1"))
    for _ in range(steps):
        world.at += chance.randrange(1, 5_000_000_000)
        chance.choice(_DOINGS)(world, chance)
    return world


def _limits() -> Limits:
    return Limits(
        max_order_qty=qty("60"),
        max_position=money("300000"),
        daily_loss=money("50000"),
        concentration=ratio("0.9"),
        order_rate=(RateWindow(50, 1_000_000_000),),
        reject_burst=RateWindow(6, 60_000_000_000),
    )


def _live(world: World, chance: Random) -> str:
    live = sorted(world.account().live)
    return chance.choice(live) if live else ""


def _order(world: World, chance: Random) -> None:
    symbol = chance.choice(SYMBOLS)
    price = str(PRICES[symbol] + chance.randrange(-3, 4))
    side = world.buy if chance.random() < 0.6 else world.sell
    size = chance.choice((1, 3, 10, 40, 65)) if symbol != "ES2026-12" else chance.choice((1, 2))
    side(str(size), symbol, limit=price, strategy=chance.choice(("", "trend")))


def _kept_order(world: World, chance: Random) -> None:
    """Order something that Stopline keeps: legs, a condition, a group, a trailing stop, an expiry."""
    symbol = chance.choice(SYMBOLS[:2])
    price, buys = PRICES[symbol] + chance.randrange(-3, 4), chance.random() < 0.6
    up, down = str(price + 4), str(price - 4)
    terms = chance.choice(
        (
            {"limit": str(price), "order_class": OrderClass.BRACKET, "take_profit": up, "stop_loss": down},
            {"limit": str(price), "order_class": OrderClass.OTO, "stop_loss": down},
            {"limit": str(price), "condition": Condition("MSFT", Relation.AT_OR_ABOVE, money("381"))},
            {"limit": str(price), "condition": Condition(after=world.at + 10**10)},
            {"limit": str(price), "oca_group": "either"},
            {"limit": str(price), "time_in_force": TimeInForce.GTD, "expire_at": world.at + 3 * 10**10},
            {
                "limit": str(price),
                "cancel_after": chance.choice((10**9, 3 * 10**10)),
                "oca_group": chance.choice(("", "g")),
            },
            {"limit": str(price), "cancels_rest": True, "partial_timeout": chance.choice((None, 10**9))},
        )
    )
    ways_out = (
        {"limit": up, "order_class": OrderClass.OCO, "stop_loss": down},
        {"trail_amount": "2", "order_type": OrderType.TRAILING_STOP},
        {"stop": down},
    )
    if buys:
        world.buy(chance.choice(("1", "10")), symbol, **terms)
    else:
        world.sell(chance.choice(("1", "3", "10")), symbol, **chance.choice(ways_out))


def _close(world: World, chance: Random) -> None:
    world.close(chance.choice(SYMBOLS))


def _simple_broker(world: World, chance: Random) -> None:
    """From now on the broker takes few types, or all."""
    few = (OrderType.MARKET, OrderType.LIMIT, OrderType.STOP)
    world.connect(order_types=few if chance.random() < 0.8 else tuple(OrderType))
    world.reconcile()


def _fill(world: World, chance: Random) -> None:
    name = _live(world, chance)
    if name:
        order = world.order(name)
        left = max(1, order.leaves_qty // 10**9)
        size = chance.choice((1, left, left, chance.randrange(1, left + 1)))
        price = (order.limit_price or 10**10) // 10**8
        world.fill(name, str(size), f"{price}.{chance.randrange(100):02d}", fee=f"0.{chance.randrange(100):02d}")


def _progress(world: World, chance: Random) -> None:
    name = _live(world, chance)
    if not name:
        return
    chance.choice(
        (
            world.sent,
            lambda each: world.accept(each, f"b-{each}"),
            world.gone,
            lambda each: world.gone(each, "expired"),
            world.lose,
            world.reject,
            world.cancel,
            world.refuse_cancel,
            world.refuse_replace,
            world.amend,
            lambda each: _replace(world, chance, each),
            lambda each: _replace(world, chance, each),
        )
    )(name)


def _replace(world: World, chance: Random, name: str) -> None:
    order = world.order(name)
    world.accept(name)
    price = render_price((order.limit_price or 10**10) + chance.choice((-1, 0, 1)) * 10**8)
    world.replace(name, str(chance.choice((1, 2, 5, 90))), limit=price)
    chance.choice((world.amend, world.refuse_replace, lambda _: None))(name)


def _bust(world: World, chance: Random) -> None:
    account = world.account()
    fills = [name for name, each in {**account.fills_before, **account.fills}.items() if not each.voided]
    if fills:
        world.bust(chance.choice(fills))


def _correct(world: World, chance: Random) -> None:
    account = world.account()
    fills = [name for name, each in {**account.fills_before, **account.fills}.items() if not each.voided]
    if fills:
        world.correct(chance.choice(fills), str(chance.randrange(1, 9)), f"{chance.randrange(100, 200)}.5")


def _outside(world: World, chance: Random) -> None:
    size = chance.choice(("-5", "3", "12"))
    world.hold(size, chance.choice(SYMBOLS), str(chance.randrange(100, 400)), fee="1.25")


def _quote(world: World, chance: Random) -> None:
    symbol = chance.choice(SYMBOLS)
    price = PRICES[symbol] + chance.randrange(-3, 4)
    world.quote(symbol, str(price), f"{price}.25")


def _mark(world: World, chance: Random) -> None:
    for symbol in SYMBOLS:
        world.quote(symbol, str(PRICES[symbol] + chance.randrange(-2, 3)))
    world.step(i.MarkPnl())


def _limit(world: World, chance: Random) -> None:
    if chance.random() < 0.5:
        world.change_limits(max_order_qty=qty(str(chance.randrange(40, 70))))
    else:
        world.symbol_limit(chance.choice(SYMBOLS), max_position=money(str(chance.randrange(100_000, 300_000))))


def _scope(world: World, chance: Random) -> None:
    limits = Limits(max_order_qty=qty(str(chance.randrange(50, 70))))
    world.change_limits(limits, scope=ScopeKind.STRATEGY, scope_id="trend")


def _breaker(world: World, chance: Random) -> None:
    open_ones = [each.breaker_id for each in world.state.breakers.values() if each.active]
    if open_ones:
        world.step(i.ResetBreaker(breaker_id=open_ones[0], reason="looked at it"))
    else:
        until = world.at + 10**10 if chance.random() < 0.5 else 0
        world.step(i.TripBreaker(account="A1", reason="test", expires_at=until))


def _trouble(world: World, chance: Random) -> None:
    world.disconnect()
    world.connect()
    world.reconcile()


def _money(world: World, chance: Random) -> None:
    transfer = f"T{world.at}"
    world.step(i.CashTransferred(broker="paper", account="A1", transfer_id=transfer, amount=money("250")))


def _report(world: World, chance: Random) -> None:
    cash = world.account().cash + chance.choice((0, 10**8))
    world.step(i.AccountReported(broker="paper", account="A1", cash=cash))


def _foreign_order(world: World, chance: Random) -> None:
    symbol = chance.choice(SYMBOLS)
    world.step(
        i.ExternalOrderSeen(
            broker="paper",
            account="A1",
            routed_order_id=f"their-{world.at}",
            instrument_id=world.state.symbols[symbol],
            side=chance.choice((Side.BUY, Side.SELL)),
            order_type=OrderType.LIMIT,
            order_qty=qty("4"),
            cum_qty=qty(chance.choice(("0", "1"))),
            limit_price=money(str(PRICES[symbol])),
        )
    )


def _administer(world: World, chance: Random) -> None:
    chance.choice(
        (
            lambda: world.step(i.StateBaseline(account="A1", equity=money("10000000"), reason="told")),
            lambda: world.change_limits(max_order_qty=qty("50"), base_version=999),
            lambda: world.step(i.ArmAccount(account="A1")) if world.session_index > 2 else None,
            lambda: world.step(i.ClockStepped(by=5 * 10**9)),
        )
    )()


def _rules(world: World, chance: Random) -> None:
    """Set rules: narrow enough that some are broken, and not all of them act. Once the account is armed, some wait."""
    mode = chance.choice((*[Mode.SHADOW, Mode.WARN] * 3, Mode.ENFORCE))
    rules = Rules(
        max_contracts_per_instrument=MaxContractsPerInstrumentTerms(limit=qty(str(chance.choice((20, 60))))),
        daily_realized_loss=DailyRealizedLossTerms(loss_limit=money("400"), mode=mode),
        max_unrealized_profit=MaxUnrealizedProfitTerms(target=money("300"), mode=mode),
        bracket=chance.choice((None, BracketTerms(stop_ticks=400, target_ticks=900))),
    )
    world.step(i.ChangeRules(account="A1", rules=rules, reason="test"))


def _approve_rules(world: World, chance: Random) -> None:
    world.step(i.ApproveRules(account="A1", actor="second"))


def _lock(world: World, chance: Random) -> None:
    """Lock out for some seconds, or longer than the lock that stands; or have a second person end it."""
    held = [key for key in world.account().restrictions if key.startswith(("lock:", "cooldown:"))]
    if held and chance.random() < 0.7:
        world.step(i.ReleaseLock(account="A1", key=held[0], reason="looked at it", actor="second"))
    else:
        until = world.at + chance.choice((5, 15)) * 10**9
        world.step(i.LockOut(account="A1", until=until, flatten=chance.random() < 0.5, reason="enough"))


def _picture(world: World, chance: Random) -> None:
    """The broker's whole picture: what is flat by our book is flat."""
    world.reconcile()


def _wait(world: World, chance: Random) -> None:
    world.wait(chance.randrange(1, 30))


def _session(world: World, chance: Random) -> None:
    if world.session_index < 4 and chance.random() < 0.5:
        world.next_session()


def _away(world: World, chance: Random) -> None:
    if chance.random() < 0.2:
        world.restart()
        world.connect()
        world.reconcile()


def _time(world: World, chance: Random) -> None:
    """What is due comes due."""
    world.wait(0)


_DOINGS = (
    *[_order] * 10, *[_kept_order] * 4, _close, _simple_broker,
    *[_fill] * 10, *[_progress] * 12, *[_quote] * 3, _bust, _correct, _outside, _mark, _limit, _scope,
    _rules, _approve_rules, _lock, *[_picture] * 2,
    _breaker, _trouble, _report, _foreign_order, _administer, _money, _wait, _session, _away,
    *[_time] * 4,
)  # fmt: skip
