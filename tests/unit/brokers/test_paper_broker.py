"""The paper broker over time: days and expiries, restarts, the disk. What all brokers do is in tests/contract."""

import asyncio
import os
import stat

import apsw
import pytest
from msgspec import structs

from stopline.brokers.paper import PaperBroker, Told
from stopline.brokers.paper import house as house_module
from stopline.brokers.paper.file import FileLost, FileRefused, PaperFile
from stopline.messages import inputs as i
from stopline.model.numbers import SECOND, parse_money, parse_price, parse_qty
from stopline.model.quote import Quote
from stopline.ports.broker import BrokerUnreachable, SendOutcomeUnknown
from stopline.runtime.sessions import find_session
from tests.contract.brokers.bench import AAPL, ACCOUNT, ES, NOW, TERMS, about, approved, change, of
from tests.contract.brokers.paper import PaperBench

RESET = find_session(TERMS, NOW).resets_at
"""17:00 in New York, five hours after NOW."""
DAY = 86_400 * SECOND


@pytest.fixture
async def bench(tmp_path):
    made = PaperBench(tmp_path)
    await made.start()
    yield made
    await made.stop()


async def place(bench: PaperBench, routed: str, *args, **terms) -> list:
    bench.said.clear()
    await bench.broker.place(approved(routed, *args, **terms))
    return bench.said


def fills(bench: PaperBench) -> list[str]:
    return [each.fill.exec_id for each in of(bench.said, i.FillReported)]


def outcomes(bench: PaperBench) -> list[tuple[str, str]]:
    return [(each.routed_order_id, each.outcome) for each in of(bench.said, i.OrderGone)]


async def working(bench: PaperBench) -> tuple[str, ...]:
    await bench.broker.reconcile(ACCOUNT)
    return of(bench.said, i.AccountReconciled)[-1].working


async def passes(bench: PaperBench, to: int) -> None:
    """Let the time come, and let whoever sleeps wake."""
    bench.clock.move_to(to)
    for _ in range(5):
        await asyncio.sleep(0)
    await bench.settle()


# --- the market ------------------------------------------------------------------------------------


async def test_capabilities_are_what_it_does(bench):
    """All that it says it takes is accepted; what it does not say is rejected."""
    await bench.quote("99.99", "100.01")
    offer = bench.broker.capabilities
    assert offer.extended_hours and not offer.notional_orders and not offer.native_close
    for number, kind in enumerate(offer.order_types):
        terms = {"limit": None if kind in ("market", "stop") else "90", "stop": "110" if "stop" in kind else None}
        await place(bench, f"type-{number}", **terms, tif="gtc")
        assert len(of(bench.said, i.OrderAccepted)) == 1, kind
    for number, tif in enumerate(offer.times_in_force):
        expiry = {"expire_at": RESET} if tif == "gtd" else {}
        await place(bench, f"tif-{number}", limit="90", tif=tif, **expiry)
        assert len(of(bench.said, i.OrderAccepted)) == 1, tif
    for tif in ("opg", "cls"):
        await place(bench, tif, limit="90", tif=tif)
        assert [each.code for each in of(bench.said, i.OrderRefused)] == ["unsupported"]


async def test_a_market_order_says_accepted_filled_and_cash(bench):
    await bench.quote("99.99", "100.01", "6")
    said = await place(bench, "B", limit=None)
    assert [type(each).__name__ for each in said] == ["OrderAccepted", "FillReported", "AccountReported"]
    await bench.quote("99.99", "100.02", "6")
    assert [each.fill.price for each in of(said, i.FillReported)] == [parse_price("100.01"), parse_price("100.02")]


async def test_a_stop_triggers_and_fills(bench):
    await bench.quote("99.99", "100.01")
    await place(bench, "S", "sell", limit=None, stop="95", tif="gtc")
    await bench.quote("95.01", "95.03")
    assert fills(bench) == []
    await bench.quote("94.98", "95.00")
    assert [each.fill.price for each in of(bench.said, i.FillReported)] == [parse_price("94.98")]


async def test_a_quote_that_does_nothing_writes_nothing(bench):
    before = bench.path.with_name("paper.db-wal").stat().st_size
    for _ in range(100):
        await bench.quote("99.99", "100.01")
        assert bench.broker.is_settled
    assert bench.path.with_name("paper.db-wal").stat().st_size == before


async def test_a_quote_before_the_start_is_let_pass(tmp_path):
    bench = PaperBench(tmp_path)
    bench.broker.deliver(Quote(AAPL.instrument_id, NOW, 1, 2, 3, 4))
    await bench.start()
    await bench.stop()
    bench.broker.deliver(Quote(AAPL.instrument_id, NOW, 1, 2, 3, 4))


async def test_quotes_are_forgotten_by_a_restart_and_nothing_fills_until_they_come(bench):
    await bench.quote("99.99", "100.01")
    await bench.restart()
    await place(bench, "B", limit="200")
    assert fills(bench) == []
    await bench.quote("119.99", "120.01")
    assert [each.fill.price for each in of(bench.said, i.FillReported)] == [parse_price("120.01")]


# --- time ------------------------------------------------------------------------------------------


async def test_day_orders_end_at_the_accounts_reset_and_gtc_orders_do_not(bench):
    await place(bench, "day", limit="90")
    await place(bench, "gtc", limit="90", tif="gtc")
    await place(bench, "gtd", limit="90", tif="gtd", expire_at=NOW + 60 * SECOND)
    bench.said.clear()
    await passes(bench, NOW + 60 * SECOND)
    assert outcomes(bench) == [("gtd", "expired")]
    await passes(bench, RESET - 1)
    assert outcomes(bench) == [("gtd", "expired")]
    await passes(bench, RESET)
    assert outcomes(bench) == [("gtd", "expired"), ("day", "expired")]
    assert await working(bench) == ("gtc",)


async def test_an_order_that_is_over_does_not_fill_on_the_quote_that_comes_with_the_time(bench):
    await place(bench, "day", limit="100")
    bench.clock.move_to(RESET)
    await bench.quote("99.98", "99.99")
    assert outcomes(bench) == [("day", "expired")]
    assert fills(bench) == []


async def test_a_cancel_that_comes_with_the_time_finds_it_expired(bench):
    await place(bench, "day", limit="100")
    bench.clock.move_to(RESET)
    await bench.broker.cancel(ACCOUNT, "day")
    assert set(outcomes(bench)) == {("day", "expired")}


async def test_a_replace_that_comes_with_the_time_is_refused(bench):
    await place(bench, "day", limit="100")
    bench.clock.move_to(RESET)
    await bench.broker.replace("day", change(approved("day"), "5"))
    assert len(of(bench.said, i.ReplaceRefused)) == 1


async def test_orders_that_ended_while_it_was_down_are_said_at_the_start(bench):
    await place(bench, "day", limit="90")
    await bench.stop()
    bench.clock.move_to(RESET + SECOND)
    await bench.restart()
    assert outcomes(bench) == [("day", "expired")] * 2, "as news, and as where it is in its life"
    assert of(bench.said, i.AccountReconciled)[-1].working == ()


async def test_where_only_quotes_move_the_clock_orders_end_at_a_quote(bench):
    """A recording at speed 0: the same story every time, whoever wakes first."""
    bench.clock.speed = 0
    await bench.restart()
    await place(bench, "day", limit="90")
    await passes(bench, RESET)
    assert outcomes(bench) == []
    await bench.quote("99.99", "100.01")
    assert outcomes(bench) == [("day", "expired")]
    bench.clock.speed = 1
    await place(bench, "next", limit="90")
    await passes(bench, RESET + DAY)
    assert outcomes(bench) == [("next", "expired")]


async def test_a_sleeper_that_nothing_wakes_keeps_nobody(tmp_path):
    """A clock that stands still at the instant that is due."""
    bench = PaperBench(tmp_path)
    await bench.start()
    bench.clock.move_to(RESET)
    await asyncio.wait_for(bench.stop(), 5)


# --- restarts --------------------------------------------------------------------------------------


async def test_a_stop_and_a_triggered_stop_survive(bench):
    await bench.quote("99.99", "100.01")
    await place(bench, "waits", "sell", limit=None, stop="90", tif="gtc")
    await place(bench, "live", "sell", limit="98", stop="99", tif="gtc")
    await bench.quote("96.99", "97.01")
    await bench.restart()
    bench.said.clear()
    await bench.quote("98.99", "99.01")
    assert [each.fill.routed_order_id for each in of(bench.said, i.FillReported)] == ["live"]
    await bench.quote("88.99", "89.01")
    assert [each.fill.routed_order_id for each in of(bench.said, i.FillReported)] == ["live", "waits"]


async def test_priority_survives(bench):
    await place(bench, "first", limit="100")
    await place(bench, "second", limit="100")
    await bench.broker.replace("first", change(approved("first"), "20"))
    await bench.restart()
    bench.said.clear()
    await bench.quote("99.98", "99.99", "15")
    assert [each.fill.routed_order_id for each in of(bench.said, i.FillReported)] == ["second", "first"]


async def test_numbers_go_on(bench):
    await place(bench, "B1", limit="100")
    await bench.fill("B1", "10", "100")
    (one,) = of(bench.said, i.FillReported)
    await bench.restart()
    await place(bench, "B2", limit="100")
    await bench.fill("B2", "10", "100")
    (two,) = of(bench.said, i.FillReported)
    book, _, number = one.fill.exec_id.partition("-")
    assert two.fill.exec_id == f"{book}-{int(number) + 1}"


async def test_another_book_has_other_ids(tmp_path):
    ids = set()
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        bench = PaperBench(tmp_path / name)
        bench.clock.move(len(ids))
        await bench.start()
        await place(bench, "B1")
        await bench.fill("B1", "10", "100")
        ids |= set(fills(bench))
        await bench.stop()
    assert len(ids) == 2


async def test_fills_of_today_and_of_the_last_day_it_ran_are_said_again_and_no_older_ones(bench):
    """The engine remembers two trading days: an older fill would be booked twice."""
    said = {}
    for day in ("Tuesday", "Wednesday", "Thursday"):
        await place(bench, day, limit="100")
        await bench.fill(day, "10", "100")
        said[day] = fills(bench)
        await bench.restart()
        expected = {
            "Tuesday": ["Tuesday"],
            "Wednesday": ["Tuesday", "Wednesday"],
            "Thursday": ["Wednesday", "Thursday"],
        }
        assert fills(bench) == [each for name in expected[day] for each in said[name]]
        bench.clock.move_to(bench.clock.at() + DAY)
    await bench.restart()
    assert fills(bench) == said["Thursday"], "Friday"


async def test_what_the_engine_has_is_not_told_to_it_again(tmp_path):
    """A day may have hundreds of thousands of orders: a start must not take as long as they did (figure G12)."""
    booked: set[str] = set()
    over: set[str] = set()
    counts = Told(lambda account, exec_id: exec_id in booked, lambda account, order_id: order_id in over)
    bench = PaperBench(tmp_path, told=counts)
    await bench.start()
    for name in ("had", "missed", "unsure"):
        await place(bench, name, limit="100")
        await bench.fill(name, "10", "100")
    await place(bench, "works", limit="90")
    await bench.restart()
    had, missed, unsure = fills(bench)
    booked |= {had, unsure}
    over |= {"had", "works"}
    await bench.restart()
    assert fills(bench) == [missed]
    assert [each.routed_order_id for each in of(bench.said, i.OrderAmended)] == ["works", "missed", "unsure"]
    assert [each.routed_order_id for each in of(bench.said, i.OrderAccepted)] == ["works"], "what works is always told"
    said = await place(bench, "had", limit="100")
    await bench.quote("99.99", "100.00")
    assert (of(said, i.OrderAccepted), fills(bench)) == ([], []), "it is the same order still, not a new one"
    await bench.stop()


async def test_after_days_without_it_the_last_day_is_said_again(bench):
    await place(bench, "B", limit="100")
    await bench.fill("B", "10", "100")
    told = fills(bench)
    bench.clock.move_to(NOW + 20 * DAY)
    await bench.restart()
    assert fills(bench) == told
    bench.clock.move_to(NOW + 21 * DAY)
    await bench.restart()
    assert fills(bench) == []
    assert of(bench.said, i.AccountReconciled)[-1].positions


async def test_days_that_pass_while_it_runs_count(bench):
    await place(bench, "B", limit="100")
    await bench.fill("B", "10", "100")
    await passes(bench, RESET)
    await passes(bench, RESET + DAY)
    bench.said.clear()
    await bench.broker.reconcile(ACCOUNT)
    assert fills(bench) == []
    bench.clock.move_to(RESET + 20 * DAY)
    await bench.restart()
    assert fills(bench) == []


async def test_the_new_day_is_on_disk_before_it_begins(bench):
    """Else a crash at the reset could bring a fill back that the engine has forgotten."""
    await place(bench, "B", limit="100")
    await bench.fill("B", "10", "100")
    await passes(bench, RESET - 10 * SECOND)
    connection = apsw.Connection(str(bench.path))
    assert connection.execute("SELECT day_opens_at FROM accounts").get == RESET
    connection.close()
    bench.said.clear()
    await bench.broker.reconcile(ACCOUNT)
    assert len(fills(bench)) == 1


async def test_what_it_no_longer_has_in_memory_it_finds_in_the_file(bench, monkeypatch):
    monkeypatch.setattr(house_module, "KEPT", 4)
    for number in range(6):
        await place(bench, f"B{number}", limit="100")
        await bench.fill(f"B{number}", "10", "100")
    house = bench.broker._house
    assert house is not None and "B0" not in house.orders
    bench.said.clear()
    await bench.broker.query(ACCOUNT, "B0")
    assert len(fills(bench)) == 1
    await place(bench, "B0", limit="100")
    assert of(bench.said, i.OrderAccepted) == []
    await bench.broker.cancel(ACCOUNT, "B0")
    assert len(of(bench.said, i.CancelRefused)) == 1
    bench.said.clear()
    await bench.broker.replace("B0", change(approved("B0")))
    assert of(bench.said, i.ReplaceRefused)


async def test_another_market_does_not_lose_the_book(bench):
    """ES held and worked, then a start on a market that knows AAPL only."""
    await place(bench, "E", size="1", limit="6900", instrument=ES)
    await bench.fill("E", "1", "6900")
    await place(bench, "X", "sell", size="1", limit="7000", instrument=ES)
    bench.instruments = (AAPL,)
    await bench.restart()
    (found,) = of(bench.said, i.AccountReconciled)
    assert found.positions == ((ES.instrument_id, parse_qty("1"), parse_money("345000")),)
    assert found.working == ("X",)
    await place(bench, "B", limit="100")
    assert len(of(bench.said, i.OrderAccepted)) == 1


async def test_an_id_that_was_called_absent_stays_dead(bench):
    await bench.broker.query(ACCOUNT, "late")
    await place(bench, "late")
    assert [each.code for each in of(bench.said, i.OrderRefused)] == ["too_late"]


async def test_an_account_can_be_opened_later_and_its_terms_changed(bench):
    await bench.broker.open_account(structs.replace(TERMS, account="A2", opening_cash=7))
    assert of(bench.said, i.AccountReconciled)[-1].cash == 7
    await bench.broker.open_account(structs.replace(TERMS, opening_cash=9))
    assert of(bench.said, i.AccountReconciled)[-1].cash == parse_money("100000"), "what it has stays"


async def test_an_instrument_can_be_listed_later(bench):
    listed = structs.replace(AAPL, instrument_id="eq:US:NEW", symbol="NEW")
    await place(bench, "early", instrument=listed)
    assert len(of(bench.said, i.OrderRefused)) == 1
    bench.broker.list_instrument(listed)
    await place(bench, "late", instrument=listed)
    assert len(of(bench.said, i.OrderAccepted)) == 1


# --- the disk --------------------------------------------------------------------------------------


class Disk:
    """Stands before the file's commits: counts them, holds them, fails them."""

    def __init__(self, bench: PaperBench) -> None:
        file = bench.broker._file
        assert file is not None
        self.commits = 0
        self.errors: list[Exception] = []
        self.path, self._commit = bench.path, file.commit
        self.on_commit = lambda: None
        file.commit = self.commit

    def commit(self, rows) -> None:
        self.on_commit()
        if self.errors:
            raise self.errors.pop(0)
        self._commit(rows)
        self.commits += 1


async def test_nothing_is_said_before_it_is_on_disk(bench):
    await bench.quote("99.99", "100.01")
    disk, said_then = Disk(bench), []
    bench.said.clear()
    disk.on_commit = lambda: said_then.append(list(bench.said))
    await bench.broker.place(approved("B", limit=None))
    assert said_then == [[]]
    assert len(bench.said) == 3


async def test_what_comes_together_is_one_commit(bench):
    disk = Disk(bench)
    await asyncio.gather(*(bench.broker.place(approved(f"B{n}", limit="90", size="1")) for n in range(50)))
    assert disk.commits <= 2
    assert len(of(bench.said, i.OrderAccepted)) == 50
    connection = apsw.Connection(str(bench.path))
    assert connection.execute("SELECT count(*) FROM orders").get == 50
    connection.close()


async def test_a_full_disk_takes_it_later(bench, monkeypatch):
    monkeypatch.setattr("stopline.brokers.paper.outbox.FIRST_PAUSE_S", 0.001)
    disk = Disk(bench)
    disk.errors = [FileRefused("the disk is full"), FileRefused("the disk is full")]
    await place(bench, "B", limit="90")
    kinds = [type(each).__name__ for each in bench.said]
    assert kinds == ["BrokerDisconnected", "BrokerConnected", "OrderAccepted"]
    assert await working(bench) == ("B",)
    await bench.restart()
    assert of(bench.said, i.AccountReconciled)[-1].working == ("B",)


async def test_a_disk_that_lost_track_ends_it_and_nothing_was_said(bench):
    disk = Disk(bench)
    disk.errors = [FileLost("fsync failed")]
    both = await asyncio.gather(
        bench.broker.place(approved("B1", limit="90")),
        bench.broker.place(approved("B2", limit="90")),
        return_exceptions=True,
    )
    assert [type(each) for each in both] == [SendOutcomeUnknown, SendOutcomeUnknown]
    assert about(bench.said, "B1") == about(bench.said, "B2") == []
    assert of(bench.said, i.BrokerDisconnected)[-1].reason == "fsync failed"
    with pytest.raises(BrokerUnreachable, match="fsync failed"):
        await bench.broker.place(approved("B3"))
    await bench.quote("80", "80.01")
    assert fills(bench) == []
    await bench.restart()
    assert of(bench.said, i.AccountReconciled)[-1].working == ()


async def test_errors_of_sqlite_are_told_apart(tmp_path):
    file = PaperFile(tmp_path / "paper.db", NOW)
    rows = ([("A", 1, 2, 3, 4)], [], [], [], [])
    file._db.set_exec_trace(lambda *_: (_ for _ in ()).throw(apsw.FullError("full")))
    with pytest.raises(Exception, match="takes nothing") as refused:
        file.commit(rows)
    assert type(refused.value).__name__ == "FileRefused"
    file._db.set_exec_trace(lambda *_: (_ for _ in ()).throw(apsw.IOError("disk I/O error")))
    with pytest.raises(FileLost):
        file.commit(rows)
    file._db.set_exec_trace(None)
    file.commit(rows)
    file.commit(rows)
    assert file.remembered().accounts == {"A": (1, 2, 3, 4)}
    file.close()


def test_the_file_is_private_and_synced(tmp_path):
    file = PaperFile(tmp_path / "paper.db", NOW)
    assert file._db.pragma("journal_mode") == "wal"
    assert file._db.pragma("synchronous") == 2
    if os.name != "nt":
        assert stat.S_IMODE((tmp_path / "paper.db").stat().st_mode) == 0o600
    file.close()


@pytest.mark.parametrize("damage", ["newer", "garbage", "folder"])
async def test_a_file_that_is_not_ours_is_refused(tmp_path, damage):
    path = tmp_path / "paper.db"
    if damage == "newer":
        connection = apsw.Connection(str(path))
        connection.pragma("user_version", 99)
        connection.close()
    elif damage == "garbage":
        path.write_bytes(b"this is no database, whatever it is called" * 100)
    else:
        path.mkdir()
    broker = PaperBroker(path, PaperBench(tmp_path).clock, find_session, (TERMS,), (AAPL,))
    with pytest.raises(FileLost, match=r"schema 99|cannot be opened"):
        await broker.start(lambda report: None)
    await broker.close()


async def test_nobody_is_served_before_the_start_has_said_how_things_stand(bench):
    """A cancel that came in between was answered before the engine heard that the order had come."""
    await place(bench, "B1", limit="90")
    await bench.stop()
    bench.said.clear()
    bench.broker = bench._make()
    starting = asyncio.create_task(bench.start())
    while bench.broker._house is None:
        await asyncio.sleep(0)
    with pytest.raises(BrokerUnreachable, match="has not said yet"):
        await bench.broker.cancel(ACCOUNT, "B1")
    await starting
    await bench.broker.cancel(ACCOUNT, "B1")
    told = [type(each) for each in bench.said]
    assert told.index(i.OrderAccepted) < told.index(i.AccountReconciled) < told.index(i.OrderGone)


async def test_orders_wait_for_nobody_when_it_closes(bench):
    placing = asyncio.gather(*(bench.broker.place(approved(f"B{n}", limit="90", size="1")) for n in range(10)))
    await asyncio.sleep(0)
    await bench.stop()
    await placing
    assert len(of(bench.said, i.OrderAccepted)) == 10
