"""A whole system without its door: it starts, trades, stops, and the next process finds everything as it was."""

import asyncio
import gzip
from pathlib import Path

import pytest
from msgspec.structs import replace

from stopline.bootstrap import StartRefused, System
from stopline.config.build import read_market
from stopline.config.load import load, load_bytes
from stopline.config.settings import Settings
from stopline.engine.replay import state_hash
from stopline.messages import inputs as i
from stopline.messages.events import OrderApproved, OrderDenied
from stopline.messages.replies import Decided, Repeated
from stopline.model.account import AccountTerms
from stopline.model.limits import DEFAULT_LIMITS
from stopline.model.numbers import PRICE_ONE, QTY_ONE
from stopline.model.order import OrderState, OrderType, Side, TimeInForce
from stopline.runtime import commit, opening
from stopline.runtime.loop import Loop
from stopline.runtime.recover import fold_journal
from stopline.runtime.reload import Reloader
from stopline.stores.sqlite.journal import open_journal


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return replace(load(), data_dir=tmp_path / "data")


async def test_a_settings_file_that_is_not_applied_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Only the log knew: who tightened a limit with a slip in it saw `health ok`, and the old limit."""
    monkeypatch.setattr(Reloader.__init__, "__defaults__", (0.01,))
    file = tmp_path / "stopline.yaml"
    file.write_text("limits: {daily_loss: 500.00}\n")
    async with System(replace(load(file), data_dir=tmp_path / "data")) as system, asyncio.timeout(60):
        file.write_text("limits: {daily_loss: 5oo.00}\n")
        while not (problems := system.health.report()["problems"]):
            await asyncio.sleep(0.01)
        assert "stopline.yaml is not applied: " in str(problems) and "'5oo.00' is not a decimal" in str(problems)
        assert system.health.report()["status"] == "degraded"
        file.write_text("limits: {daily_loss: 400.00}\n")
        while system.health.report()["problems"]:
            await asyncio.sleep(0.01)


def market_order(name: str, symbol: str = "AAPL", side: Side = Side.BUY) -> i.SubmitOrder:
    return i.SubmitOrder(
        account="paper", client_order_id=name, symbol=symbol, side=side, order_qty=QTY_ONE, order_type=OrderType.MARKET
    )


def resting_order(name: str, symbol: str = "AAPL") -> i.SubmitOrder:
    return i.SubmitOrder(
        account="paper",
        client_order_id=name,
        symbol=symbol,
        side=Side.BUY,
        order_qty=QTY_ONE,
        order_type=OrderType.LIMIT,
        limit_price=PRICE_ONE,
        time_in_force=TimeInForce.GTC,
    )


async def filled(system: System, name: str) -> None:
    async with asyncio.timeout(60):
        while True:
            order = system.loop.state.accounts["paper"].order(name)
            if order is not None and order.state is OrderState.FILLED:
                return
            await asyncio.sleep(0.01)


async def test_trades_stops_and_goes_on(settings: Settings):
    async with System(settings) as system:
        assert system.desk.health()["status"] == "starting"
        await system.ready()
        assert system.desk.health()["status"] == "ok"
        reply = await system.desk.ask(market_order("a"))
        assert isinstance(reply, Decided) and isinstance(reply.decision, OrderApproved)
        await filled(system, "a")
        await system.desk.ask(resting_order("rests"))
        rows = await system.desk.rows("orders")
        assert {row["client_order_id"] for row in rows} == {"a", "rests"}
    left = state_hash(system.loop.state)
    journal = open_journal(settings.data_dir)
    assert state_hash(fold_journal(journal)) == left
    snapshot = journal.latest_snapshot()
    assert snapshot is not None and snapshot.seq == journal.head().seq, "a clean stop leaves a snapshot"
    await journal.close()
    async with System(settings) as again:
        await again.ready()
        account = again.loop.state.accounts["paper"]
        assert again.loop.state.epoch == 2
        assert account.positions["eq:US:AAPL"].qty == QTY_ONE
        order = account.order("rests")
        assert order is not None and order.state is OrderState.WORKING
        assert isinstance(await again.desk.ask(market_order("a")), Repeated)
        assert account.positions["eq:US:AAPL"].qty == QTY_ONE


async def test_a_change_by_a_person_survives_the_restart_and_a_change_of_the_file_is_applied(settings: Settings):
    mine = replace(settings.limits["paper"], max_order_notional=PRICE_ONE)
    async with System(settings) as system:
        assert system.loop.state.accounts["paper"].limits.own() == DEFAULT_LIMITS
        await system.desk.ask(i.ChangeLimits(account="paper", limits=mine, actor="me"))
    async with System(settings) as system:
        assert system.loop.state.accounts["paper"].limits.own() == mine
    theirs = replace(settings.limits["paper"], daily_loss=PRICE_ONE)
    async with System(replace(settings, limits={"paper": theirs})) as system:
        assert system.loop.state.accounts["paper"].limits.own() == theirs


async def test_a_start_that_died_before_it_had_told_all_limits_is_made_good(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
):
    """The version alone must not say that the limits are in force."""
    ask, left = opening._ask, 3

    async def dying(loop: Loop, settings: Settings, messages: list[i.Input]) -> None:
        nonlocal left
        left -= 1
        if left < 0:
            raise OSError("the process dies here")
        await ask(loop, settings, messages)

    monkeypatch.setattr(opening, "_ask", dying)
    with pytest.raises(StartRefused, match="dies here"):
        await System(settings).start()
    monkeypatch.undo()
    async with System(settings) as system:
        assert system.loop.state.epoch == 2
        assert system.loop.state.accounts["paper"].limits.own() == DEFAULT_LIMITS
        assert system.journal.head().config_version == settings.version + "*"
    async with System(settings) as system:
        assert system.journal.head().config_version == settings.version


async def test_under_the_same_configuration_the_journal_is_not_read_for_limits(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
):
    for _ in range(2):
        async with System(settings):
            pass

    def read(journal: object) -> None:
        raise AssertionError("nothing has changed")

    monkeypatch.setattr(opening, "said_before", read)
    async with System(settings):
        pass


async def test_two_on_one_directory_are_refused(settings: Settings):
    async with System(settings):
        with pytest.raises(StartRefused, match="is in use by process"):
            await System(settings).start()
    async with System(settings):
        pass


@pytest.mark.parametrize(
    ("terms", "said"),
    [
        (AccountTerms("a", "elsewhere"), "no broker 'elsewhere'"),
        (AccountTerms("a", "paper", reset_zone="Mars/Olympus"), "no IANA time zone"),
    ],
)
async def test_settings_that_name_what_is_not_there_are_refused(settings: Settings, terms: AccountTerms, said: str):
    with pytest.raises(StartRefused, match=said):
        await System(replace(settings, accounts=(terms,))).start()
    assert not settings.data_dir.exists(), "nothing was begun"


async def test_limits_that_the_engine_refuses_are_no_start(settings: Settings):
    wrong = replace(settings.limits["paper"], daily_loss=0)
    with pytest.raises(StartRefused, match="daily_loss of 0"):
        await System(replace(settings, limits={"paper": wrong})).start()
    async with System(settings):
        pass


async def test_an_account_under_another_currency_is_refused(settings: Settings):
    async with System(settings):
        pass
    terms = replace(settings.accounts[0], currency="EUR")
    with pytest.raises(StartRefused, match="cannot change its broker or currency"):
        await System(replace(settings, accounts=(terms,))).start()


async def test_an_unreadable_market_is_refused(settings: Settings, tmp_path: Path):
    for market in ("nowhere.csv", str(tmp_path)):
        with pytest.raises(StartRefused):
            await System(replace(settings, market=read_market(market, 0, Path()))).start()


# --- recordings ----------------------------------------------------------------------------------


def film(path: Path, day: str = "2013-10-07", seconds: int = 600) -> Path:
    rows = [
        f"{day}T15:{n // 60:02d}:{n % 60:02d}Z,,,,,,{100 + n % 7}.00,500,{100 + n % 7}.01,500" for n in range(seconds)
    ]
    with gzip.open(path, "wt") as file:
        file.write("ts_utc,open,high,low,close,volume,bid,bid_size,ask,ask_size\n" + "\n".join(rows) + "\n")
    return path


async def test_a_recording_waits_for_a_slow_disk(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """What the limits say of a recorded day must not depend on how fast the disk is."""
    monkeypatch.setattr(commit, "SLOW_S", 0.0)
    monkeypatch.setattr(commit, "GRACE_S", 0.0)
    recorded = replace(settings, market=read_market(str(film(tmp_path / "spy_seconds.csv.gz", seconds=5)), 0, Path()))
    async with System(recorded) as system:
        await system.ready()
        assert isinstance(await system.desk.ask(market_order("a", "SPY")), Decided)
        assert not system.loop.refused
        assert system.loop.counts()["commits"] > 1


async def test_a_recording_in_its_own_time(settings: Settings, tmp_path: Path):
    recorded = replace(settings, market=read_market(str(film(tmp_path / "spy_seconds.csv.gz")), 0, Path()))
    async with System(recorded) as system:
        traded = 0

        async def trade(quote: object) -> None:
            nonlocal traded
            if system.market.quotes % 50 == 0:
                traded += 1
                await system.desk.ask(market_order(f"t{traded}", "SPY", Side.BUY if traded % 2 else Side.SELL))

        system.market.listen(trade)
        while not system.market.ended:
            await asyncio.sleep(0.01)
        await system.loop.quiet()
        assert system.market.quotes == 600 and traded == 12
        decisions = [
            event
            for record in system.journal.read()
            for event in system.loop.recorded(record.seq)[1]
            if isinstance(event, OrderApproved | OrderDenied)
        ]
        assert len(decisions) == 12
        assert {type(event) for event in decisions} == {OrderApproved}
        assert system.loop.state.accounts["paper"].positions["eq:US:SPY"].qty == 0
        assert system.desk.health()["clock"] == "recorded:spy_seconds.csv.gz"
        assert system.loop.state.accounts["paper"].day.session is not None
    async with System(recorded) as again:
        assert again.loop.state.epoch == 2, "the same recording goes on where it stopped"
        while not again.market.ended:
            await asyncio.sleep(0.01)
        marked = again.loop.peek(lambda state, at: at)
        await asyncio.sleep(0.05)
        assert again.loop.peek(lambda state, at: at) > marked, "after its end, time flows"
    earlier = replace(settings, market=read_market(str(film(tmp_path / "ibm_seconds.csv.gz", "2013-10-04")), 0, Path()))
    with pytest.raises(StartRefused, match="time would run backwards"):
        await System(earlier).start()
    async with System(settings) as live:
        assert live.loop.state.clock == "wall"
    with pytest.raises(StartRefused, match="time would run backwards"):
        await System(recorded).start()


async def test_a_changed_file_takes_effect_while_it_runs(settings: Settings, tmp_path: Path):
    file = tmp_path / "stopline.yaml"
    file.write_text(f"data_dir: {tmp_path / 'data'}\n")
    async with System(load_bytes(file.read_bytes(), file, {})) as system:
        file.write_text(f"data_dir: {tmp_path / 'data'}\nlimits: {{daily_loss: 1.00}}\n")
        async with asyncio.timeout(60):
            while system.loop.state.accounts["paper"].limits.own().daily_loss != PRICE_ONE:
                await asyncio.sleep(0.05)
