"""A row of limits that somebody edits in the database becomes a change, and then says what was decided."""

from collections.abc import AsyncIterator
from pathlib import Path

import apsw
import pytest

from stopline.messages import inputs as i
from stopline.messages.events import LimitsChanged, SymbolLimitChanged
from stopline.model.limits import DEFAULT_LIMITS, Limits, ScopeKind, SymbolLimit
from stopline.model.numbers import PRICE_ONE
from stopline.runtime.edits import Edits
from stopline.runtime.follow import Follower
from stopline.stores.projecting.edits import UnreadableRow, parse_limits, parse_symbol_limit
from stopline.stores.projecting.limits import limit_columns, symbol_columns
from stopline.stores.sqlite.projections import SqliteProjections
from tests.unit.runtime.rig import Rig


class Desk:
    def __init__(self, rig: Rig, file: Path) -> None:
        self.rig, self.file = rig, file
        tables = SqliteProjections(file)
        self.follower = Follower(tables, rig.journal)
        rig.loop.publisher.subscribe_batches(self.follower.hear)
        self.follower.start()
        self.edits = Edits(rig.loop, self.follower, tables)

    async def edit(self, statement: str, *values: object) -> None:
        await self.edits.look()
        other = apsw.Connection(str(self.file))
        other.execute(statement, values)
        other.close()
        await self.edits.look()

    async def row(self, table: str = "risk_limits") -> dict[str, object]:
        rows = await self.follower.rows(self.rig.loop.durable_seq, table)
        return rows[0]

    @property
    def own(self) -> Limits:
        return self.rig.state.accounts["paper"].limits.own()


@pytest.fixture
async def desk(rig: Rig, tmp_path: Path) -> AsyncIterator[Desk]:
    await rig.loop.ask(i.ChangeLimits(account="paper", limits=DEFAULT_LIMITS))
    await rig.loop.ask(i.ChangeSymbolLimit(account="paper", symbol="AAPL", limit=SymbolLimit(PRICE_ONE)))
    made = Desk(rig, tmp_path / "projections.db")
    yield made
    await made.follower.close()


async def test_an_edited_row_becomes_a_change_and_then_says_what_was_decided(desk: Desk):
    await desk.edit("UPDATE risk_limits SET daily_loss = '400'")
    assert desk.own.daily_loss == 400 * PRICE_ONE
    event = [e for e in desk.rig.journal.events() if isinstance(e, LimitsChanged)][-1]
    assert (event.actor, event.reason) == ("database", "edited in the table risk_limits")
    row = await desk.row()
    assert (row["daily_loss"], row["changed_by"]) == ("400.00", "database")
    assert row["version"] == desk.rig.state.accounts["paper"].limits.version


async def test_an_edited_symbol(desk: Desk):
    await desk.edit("UPDATE position_limits SET max_position = NULL, concentration = '0.1'")
    assert desk.rig.state.accounts["paper"].limits.symbols["AAPL"] == SymbolLimit(None, 100_000)
    assert isinstance(
        [e for e in desk.rig.journal.events() if isinstance(e, SymbolLimitChanged)][-1], SymbolLimitChanged
    )


async def test_a_new_row_for_a_symbol(desk: Desk):
    await desk.edit("INSERT INTO position_limits VALUES ('paper', 'NEW', '5', NULL, NULL, 0, '', '', '')")
    assert desk.rig.state.accounts["paper"].limits.symbols["NEW"] == SymbolLimit(5 * PRICE_ONE)


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("UPDATE risk_limits SET daily_loss = '1e400'", "exponent beyond"),
        ("UPDATE risk_limits SET daily_loss = '0'", "would deny every order"),
        ('UPDATE risk_limits SET order_rate = \'[{"count": true, "seconds": "1"}]\'', "order_rate"),
        ("UPDATE risk_limits SET reject_burst = 'often'", "reject_burst"),
        ("UPDATE risk_limits SET enabled = 7", "enabled"),
        ("UPDATE risk_limits SET money_classes = '[\"stamps\"]'", "money_classes"),
        ("UPDATE risk_limits SET daily_loss = '5000.000'", "other words"),
    ],
)
async def test_a_row_that_is_not_taken_is_put_back(
    desk: Desk, statement: str, said: str, caplog: pytest.LogCaptureFixture
):
    caplog.set_level("INFO")
    before = await desk.row()
    await desk.edit(statement)
    assert desk.own == DEFAULT_LIMITS
    assert said in caplog.text
    assert await desk.row() == before


async def test_a_row_of_an_account_that_is_not_there_is_taken_out(desk: Desk):
    await desk.edit("INSERT INTO position_limits VALUES ('nobody', 'NEW', '5', NULL, NULL, 0, '', '', '')")
    rows = await desk.follower.rows(desk.rig.loop.durable_seq, "position_limits")
    assert [row["account"] for row in rows] == ["paper"]


async def test_an_armed_account_is_loosened_no_faster(desk: Desk):
    await desk.rig.loop.ask(i.ArmAccount(account="paper"))
    before = await desk.row()
    await desk.edit("UPDATE risk_limits SET daily_loss = '6000'")
    assert desk.own == DEFAULT_LIMITS
    assert desk.rig.state.accounts["paper"].limits.proposals
    assert await desk.row() == before


async def test_what_was_changed_elsewhere_is_no_edit(desk: Desk):
    await desk.edits.look()
    mine = Limits(daily_loss=PRICE_ONE)
    await desk.rig.loop.ask(i.ChangeLimits(account="paper", limits=mine))
    await desk.edits.look()
    desk.edits._look_anyway = True
    await desk.edits.look()
    assert desk.own == mine
    assert (await desk.row())["changed_by"] == "local"


async def test_limits_of_every_kind_are_read_as_they_were_written():
    assert parse_limits(limit_columns(DEFAULT_LIMITS)) == DEFAULT_LIMITS
    assert parse_limits(limit_columns(Limits(short_sale=False, allow=("AAPL", "fut:*")))) == Limits(
        short_sale=False, allow=("AAPL", "fut:*")
    )
    limit = SymbolLimit(1, 2, 3)
    assert parse_symbol_limit(symbol_columns(limit)) == limit
    with pytest.raises(UnreadableRow, match="0 or 1"):
        parse_limits({**limit_columns(DEFAULT_LIMITS), "enabled": None})


async def test_a_strategy_has_its_own_row_and_a_group_is_left_alone(desk: Desk):
    await desk.rig.loop.ask(
        i.ChangeLimits(account="paper", limits=Limits(leverage=1), scope=ScopeKind.STRATEGY, scope_id="s")
    )
    await desk.edit("UPDATE risk_limits SET leverage = '0.5' WHERE scope = 'strategy'")
    assert desk.rig.state.accounts["paper"].limits.scopes["strategy:s"] == Limits(leverage=500_000)
    assert desk.own == DEFAULT_LIMITS
