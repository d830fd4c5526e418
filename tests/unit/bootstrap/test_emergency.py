"""The emergency system in this process: what it leaves in the journal, whatever is missing around it."""

import asyncio
from pathlib import Path

import pytest
from msgspec.structs import replace

from stopline.bootstrap import StartRefused, System
from stopline.bootstrap.emergency import Ended, Order, stop_trading
from stopline.config.load import load
from stopline.config.settings import Settings
from stopline.messages import inputs as i
from stopline.model.account import AccountTerms, TradingState
from stopline.model.limits import DEFAULT_LIMITS, ScopeKind
from stopline.model.numbers import PRICE_ONE, QTY_ONE
from stopline.model.order import OrderState, OrderType, Side, TimeInForce
from stopline.runtime import clocks

KILL = Order(account="paper", is_kill=True, reason="test")
WAIT_S = 60.0


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return replace(load(), data_dir=tmp_path / "data")


@pytest.fixture
def said() -> list[str]:
    return []


async def trade(settings: Settings) -> None:
    """Hold one AAPL with a stop beneath it, let an entry rest, and stop."""
    async with System(settings) as system:
        await system.ready()
        market = {"order_type": OrderType.MARKET}
        await submit(system, "HELD", "AAPL", Side.BUY, **market)
        await until(system, "HELD", OrderState.FILLED)
        resting = {"time_in_force": TimeInForce.GTC}
        await submit(system, "STOP", "AAPL", Side.SELL, order_type=OrderType.STOP, stop_price=PRICE_ONE, **resting)
        await submit(system, "RESTS", "MSFT", Side.BUY, order_type=OrderType.LIMIT, limit_price=PRICE_ONE, **resting)
        for name in ("STOP", "RESTS"):
            await until(system, name, OrderState.WORKING)


async def submit(system: System, name: str, symbol: str, side: Side, **terms) -> None:
    order = i.SubmitOrder(account="paper", client_order_id=name, symbol=symbol, side=side, order_qty=QTY_ONE, **terms)
    await system.desk.ask(order)


async def until(system: System, name: str, state: OrderState) -> None:
    async with asyncio.timeout(WAIT_S):
        while (order := system.loop.state.accounts["paper"].order(name)) is None or order.state is not state:
            await asyncio.sleep(0.01)


async def stop(settings: Settings, order: Order, said: list[str], wait_s: float = WAIT_S) -> Ended:
    return await stop_trading(settings, order, said.append, wait_s)


async def look(settings: Settings) -> tuple[TradingState, dict[str, int], dict[str, OrderState]]:
    """Start as usual; return the trading state, what is held, and how orders are once no cancel is under way."""
    async with System(settings) as system:
        await system.ready()
        account = system.loop.state.accounts["paper"]
        async with asyncio.timeout(WAIT_S):
            while any(order.state is OrderState.PENDING_CANCEL for order in account.live.values()):
                await asyncio.sleep(0.01)
        held = {name: position.qty for name, position in account.positions.items() if position.qty}
        orders = {name: order.state for name in ("HELD", "STOP", "RESTS") if (order := account.order(name))}
        return account.trading_state, held, orders


async def test_a_kill_closes_and_the_next_start_knows(settings, said):
    await trade(settings)
    ended = await stop(settings, KILL, said)
    assert ended.is_done and ended.killed_at_seq
    (account,) = ended.accounts
    assert (account.is_killed, account.is_proven, account.positions, account.orders) == (True, True, [], [])
    state, held, orders = await look(settings)
    assert (state, held) == (TradingState.HALTED, {})
    assert orders == {"HELD": OrderState.FILLED, "STOP": OrderState.CANCELED, "RESTS": OrderState.CANCELED}


async def test_positions_that_are_kept(settings, said):
    await trade(settings)
    assert (await stop(settings, replace(KILL, keep_positions=True), said)).is_done
    state, held, orders = await look(settings)
    assert (state, held) == (TradingState.HALTED, {"eq:US:AAPL": QTY_ONE})
    assert (orders["STOP"], orders["RESTS"]) == (OrderState.WORKING, OrderState.CANCELED)


async def test_a_kill_of_a_firm_reaches_all_of_it_and_nobody_else(settings, said):
    def named(name: str, firm: str) -> AccountTerms:
        return replace(settings.accounts[0], account=name, firm=firm)

    accounts = (named("paper", "ours"), named("second", "ours"), named("other", "theirs"))
    settings = replace(settings, accounts=accounts)
    await trade(settings)
    ended = await stop(settings, replace(KILL, scope=ScopeKind.FIRM), said)
    assert ended.is_done and [each.account for each in ended.accounts] == ["paper", "second"]
    async with System(settings) as system:
        await system.ready()
        states = {name: account.trading_state for name, account in system.loop.state.accounts.items()}
    halted, active = TradingState.HALTED, TradingState.ACTIVE
    assert states == {"paper": halted, "second": halted, "other": active}


async def test_a_flatten_is_no_kill(settings, said):
    await trade(settings)
    assert (await stop(settings, replace(KILL, is_kill=False), said)).killed_at_seq is None
    assert (await look(settings))[:2] == (TradingState.ACTIVE, {})


async def test_the_kill_is_on_disk_before_the_broker_is_spoken_to(settings, said):
    """So it holds even where the broker's connection ends the whole attempt."""
    await trade(settings)
    book = settings.data_dir / "paper.db"
    whole = book.read_bytes()
    book.write_bytes(b"no book" * 1000)
    with pytest.raises(StartRefused):
        await stop(settings, KILL, said)
    assert any("the kill is in the journal, on disk" in text for text in said)
    book.write_bytes(whole)
    state, held, orders = await look(settings)
    assert state is TradingState.HALTED
    assert held, "nothing was closed: nobody could"
    assert orders["RESTS"] is OrderState.CANCELED, "its cancel was asked for again"


async def test_settings_that_changed_meanwhile_change_no_limit(settings, said):
    await trade(settings)
    wide = replace(DEFAULT_LIMITS, max_order_notional=10**9 * PRICE_ONE)
    assert (await stop(replace(settings, limits={"paper": wide}, accounts=()), KILL, said)).is_done
    async with System(settings) as system:
        own = system.loop.state.accounts["paper"].limits.own()
        assert own.max_order_notional == settings.limits["paper"].max_order_notional
        assert not [record for record in system.journal.read() if b"LimitsProposed" in record.body]


async def test_a_market_that_is_gone_keeps_nobody_from_a_kill(settings, said, tmp_path):
    await trade(settings)
    market = replace(settings.market, source="gone.csv", seed=None, path=tmp_path / "gone.csv")
    ended = await stop(replace(settings, market=market), KILL, said, wait_s=1.0)
    assert not ended.is_done and ended.accounts[0].is_killed
    assert any("there will be no quotes" in text for text in said)
    assert any("not confirmed after 1 s" in text for text in said)
    state, held, orders = await look(settings)
    assert (state, orders["RESTS"]) == (TradingState.HALTED, OrderState.CANCELED)
    assert all(qty >= 0 for qty in held.values()), "the close that was sent may have filled since; it flips nothing"


async def test_a_clock_that_was_set_back_keeps_nobody_from_a_kill(settings, said, monkeypatch):
    await trade(settings)
    yesterday = clocks.SystemWallClock().now() - 86_400 * 10**9
    with monkeypatch.context() as patch:
        patch.setattr(clocks.SystemWallClock, "now", lambda self: yesterday)
        ended = await stop(settings, KILL, said, wait_s=1.0)
    assert ended.accounts[0].is_killed
    assert (await look(settings))[0] is TradingState.HALTED


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        pytest.param({"account": "bob"}, "no account 'bob' in this journal; it knows paper", id="account"),
        pytest.param({"is_kill": False, "symbol": "NOPE"}, "no instrument 'NOPE'", id="instrument"),
        pytest.param({"scope": ScopeKind.GROUP}, "is in no group", id="group"),
    ],
)
async def test_what_is_not_there(settings, said, changes, why):
    async with System(settings):
        pass
    with pytest.raises(StartRefused, match=why):
        await stop(settings, replace(KILL, **changes), said)
    assert (await look(settings))[0] is TradingState.ACTIVE
