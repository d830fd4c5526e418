"""Where an account with Alpaca began: what it held before us is taken over once, and never counted twice."""

import os
import stat

import pytest
from msgspec import structs

from stopline.brokers.alpaca.adopt import first_look
from stopline.brokers.alpaca.budget import Budget
from stopline.brokers.alpaca.client import AlpacaClient, Keys
from stopline.brokers.alpaca.memory import Memory, MemoryUnusable, load_memory, save_memory
from stopline.brokers.alpaca.symbols import Symbols
from stopline.measures.pnl import money_of
from stopline.messages import inputs as i
from stopline.model.numbers import PRICE_ONE, SECOND, parse_money, parse_qty
from stopline.runtime.sessions import find_session
from stopline.runtime.transport import AiohttpTransport
from tests.contract.brokers.alpaca import AlpacaBench
from tests.contract.brokers.bench import AAPL, ACCOUNT, NOW, TERMS, approved, of

DAY = 86_400 * SECOND
MEMORY = Memory(account=ACCOUNT, alpaca_account="X", opening_cash=5, adopted_at=NOW, since=NOW)


@pytest.fixture
async def bench(tmp_path):
    made = AlpacaBench(tmp_path)
    await made.start()
    yield made
    await made.stop()


async def look(bench: AlpacaBench) -> Memory:
    transport = AiohttpTransport()
    client = AlpacaClient(transport, bench.sim.url, Keys(bench.options.key, bench.options.secret), Budget())
    found = await first_look(client, Symbols((AAPL,)), ACCOUNT, bench.sim.at())
    await transport.close()
    return found


async def test_a_fresh_account_begins_with_its_cash(bench):
    found = await look(bench)
    assert (found.opening_cash, found.adopted) == (parse_money("100000"), ())


@pytest.mark.parametrize(("side", "limit"), [("buy", "100"), ("sell", "100")])
async def test_what_was_held_before_us_is_taken_over(bench, side, limit):
    await bench.broker.place(approved("sl1-1", side=side, limit=limit))
    await bench.fill("sl1-1", "10", limit)
    bench.quote("103.99", "104.01")
    memory = await look(bench)
    (fill,) = memory.adopted
    paid = money_of(fill.qty, fill.price, PRICE_ONE) * (1 if side == "buy" else -1)
    cash = parse_money("99000") if side == "buy" else parse_money("101000")
    assert memory.opening_cash - paid == cash, "with the fills taken over, cash is Alpaca's"
    assert memory.alpaca_account == bench.broker._reader._memory.alpaca_account


async def test_executions_from_before_us_are_not_told_and_later_ones_are(bench):
    await bench.broker.place(approved("sl1-1"))
    await bench.fill("sl1-1", "4", "100")
    memory = await look(bench)
    bench._make = lambda: structs_broker(bench, memory)
    await bench.restart()
    told = [each.fill.exec_id for each in of(bench.said, i.FillReported)]
    assert told == ["carried:AAPL"]
    (picture,) = of(bench.said, i.AccountReconciled)
    assert (picture.working, picture.positions[0][1]) == (("sl1-1",), parse_qty("4"))
    bench.said.clear()
    await bench.fill("sl1-1", "6", "100")
    assert [each.fill.qty for each in of(bench.said, i.FillReported)] == [parse_qty("6")]
    assert of(bench.said, i.CashTransferred) == []


def structs_broker(bench: AlpacaBench, memory: Memory):
    from stopline.brokers.alpaca.broker import AlpacaBroker

    keys = Keys(bench.options.key, bench.options.secret)
    return AlpacaBroker(AiohttpTransport(), bench.sim.url, keys, ACCOUNT, (AAPL,), memory)


async def test_keys_of_another_account_open_nothing(bench):
    memory = structs.replace(await look(bench), alpaca_account="somebody else's")
    bench._make = lambda: structs_broker(bench, memory)
    bench.said.clear()
    await bench.broker.close()
    bench.broker = bench._make()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("stopline.brokers.alpaca.broker.FIRST_WAIT_S", 1.0)
        await bench.broker.start(bench.hear)
    assert of(bench.said, i.AccountReconciled) == []


def test_it_goes_back_as_far_as_the_engine_remembers():
    memory, opens = structs.replace(MEMORY), find_session(TERMS, NOW).opens_at
    assert memory.roll(TERMS, find_session, NOW)
    assert (memory.day_opens_at, memory.since) == (opens, NOW)
    assert not memory.roll(TERMS, find_session, NOW + 3600 * SECOND)
    assert memory.roll(TERMS, find_session, NOW + DAY)
    assert (memory.day_opens_at, memory.since) == (opens + DAY, NOW)
    assert memory.roll(TERMS, find_session, NOW + 2 * DAY)
    assert memory.since == opens + DAY
    assert memory.remembered() == ()


def test_days_on_which_we_did_not_run_do_not_count():
    memory, opens = structs.replace(MEMORY), find_session(TERMS, NOW).opens_at
    memory.roll(TERMS, find_session, NOW)
    memory.roll(TERMS, find_session, NOW + 9 * DAY)
    assert memory.since == max(opens, NOW), "what came in meanwhile was never told"


def test_it_is_whole_and_nobody_elses(tmp_path):
    path = tmp_path / "alpaca.json"
    assert load_memory(path, ACCOUNT) is None
    save_memory(path, MEMORY)
    assert load_memory(path, ACCOUNT) == MEMORY
    assert os.listdir(tmp_path) == ["alpaca.json"]
    if os.name == "posix":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with pytest.raises(MemoryUnusable, match="is of account 'A1'"):
        load_memory(path, "B2")
    path.write_bytes(b"{")
    with pytest.raises(MemoryUnusable, match="restore it"):
        load_memory(path, ACCOUNT)


def test_a_file_that_is_no_text_is_unusable(tmp_path):
    (tmp_path / "memory").write_bytes(b'{"account":"\xc0"}')
    with pytest.raises(MemoryUnusable, match="cannot be read"):
        load_memory(tmp_path / "memory", ACCOUNT)
