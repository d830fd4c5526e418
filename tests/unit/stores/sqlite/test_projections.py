"""Reading the tables (filters, pages), writing them whole or not at all, and dropping them when in doubt."""

import apsw
import pytest

from stopline.messages import events as e
from stopline.messages.upcast import decode_events
from stopline.stores.projecting import projector
from stopline.stores.projecting.tables import TABLES
from stopline.stores.sqlite import projections as module
from stopline.stores.sqlite.layout import create_private
from stopline.stores.sqlite.projections import SqliteProjections, open_projections
from tests.build import World
from tests.journals import alert, denied, started
from tests.twins.journal import MemoryJournal

START = 1_767_711_600_000_000_000
SECOND = 1_000_000_000


@pytest.fixture
def tables(tmp_path):
    create_private(tmp_path / "projections.db")
    opened = SqliteProjections(tmp_path / "projections.db")
    yield opened
    opened.close()


def put(tables: SqliteProjections, *events: e.Event) -> None:
    """One record per event, a second apart."""
    first = tables.checkpoint() + 1
    tables.apply([(first + n, START + (first + n) * SECOND, (event,)) for n, event in enumerate(events)])


def ids(rows: list[dict[str, object]]) -> list[object]:
    return [row["client_order_id"] for row in rows]


# --- filters and pages -----------------------------------------------------------------------------------


def test_pages_hang_together(tables):
    put(tables, *[denied(f"x{n}") for n in range(25)])
    seen: list[object] = []
    cursor = None
    sizes = []
    while page := tables.rows("orders", limit=10, cursor=cursor):
        seen += ids(page)
        sizes.append(len(page))
        cursor = page[-1]["cursor"]
    assert seen == [f"x{n}" for n in reversed(range(25))]
    assert sizes == [10, 10, 5]


def test_a_row_that_comes_between_two_pages_shifts_nothing(tables):
    put(tables, *[denied(f"x{n}") for n in range(6)])
    page = tables.rows("orders", limit=3)
    put(tables, denied("new"))
    assert ids(tables.rows("orders", limit=3, cursor=page[-1]["cursor"])) == ["x2", "x1", "x0"]


def test_filters(tables):
    put(tables, denied("a"), denied("b", account="A2"), denied("c"))
    assert ids(tables.rows("orders", account="A1")) == ["c", "a"]
    assert ids(tables.rows("orders", client_order_id="b")) == ["b"]
    assert ids(tables.rows("orders", since=START + 2 * SECOND)) == ["c", "b"]
    assert ids(tables.rows("orders", since=START + 2 * SECOND + 1)) == ["c"]
    assert ids(tables.rows("orders", status="denied", account="A2")) == ["b"]
    assert ids(tables.rows("orders", status=["working", "denied"], limit=1)) == ["c"]
    assert ids(tables.rows("orders", status="live")) == []
    assert ids(tables.rows("orders", status="ended", symbol="AAPL")) == ["c", "b", "a"]
    assert ids(tables.rows("orders", symbol="eq:US:AAPL", limit=2)) == ["c", "b"]
    assert ids(tables.rows("orders", symbol="", account=None, status=None)) == ["c", "b", "a"]


def test_alerts_come_newest_first(tables):
    """`GET /api/risk/alerts?limit=50`."""
    put(tables, *[alert(n) for n in range(1, 61)])
    rows = tables.rows("risk_alerts", limit=50)
    assert [row["alert_id"] for row in rows] == list(range(60, 10, -1))
    assert tables.rows("risk_alerts", severity="CRITICAL") == []


@pytest.mark.parametrize(
    ("table", "filters", "says"),
    [
        ("nothing", {}, "there is no table"),
        ("orders; DROP TABLE orders", {}, "there is no table"),
        ("orders", {"colour": "red"}, "cannot be filtered by 'colour'"),
        ("users", {"since": 1}, "cannot be filtered by 'since'"),
        ("orders", {"limit": 0}, "from 1 to 1000"),
        ("orders", {"limit": 1001}, "from 1 to 1000"),
        ("orders", {"limit": "10"}, "from 1 to 1000"),
        ("orders", {"since": "yesterday"}, "nanoseconds"),
        ("orders", {"cursor": "rubbish"}, "cursor"),
        ("orders", {"cursor": "WzEsMl0="}, "cursor"),
        ("orders", {"cursor": "W3siYSI6MX1d"}, "cursor"),
        ("orders", {"cursor": "\udcff"}, "cursor"),
    ],
)
def test_what_cannot_be_asked_is_said(tables, table, filters, says):
    with pytest.raises(ValueError, match=says):
        tables.rows(table, **filters)


def test_what_people_write_is_a_value_and_never_sql(tables):
    hostile = "'; DROP TABLE orders; --"
    put(tables, denied(hostile, hostile))
    assert ids(tables.rows("orders", client_order_id=hostile)) == [hostile]
    assert tables.rows("orders", symbol=hostile, account=hostile, status=hostile) == []
    assert len(tables.rows("orders")) == 1


@pytest.mark.parametrize("name", TABLES)
def test_every_table_can_be_asked_by_every_filter_it_names(tables, name):
    for each, _ in TABLES[name].filters:
        assert tables.rows(name, **{each: START if each == "since" else "x"}) == []
    assert tables.rows(name, limit=5) == []


def test_rows_have_the_columns_of_their_table(tables):
    """And rows made by the projector fill exactly those."""
    world = World()
    world.buy("10", limit="175", id="B1")
    world.fill("B1", "4", "175")
    world.step(projection_input())
    tables.apply([(record.seq, record.at, decode_events(record.body)) for record in world.records])
    for name in ("orders", "fills", "positions", "accounts", "instruments", "order_history", "circuit_breaker_events"):
        row = tables.rows(name, limit=1)[0]
        columns = set(tables._store.columns[name]) - TABLES[name].hidden
        assert set(row) - {"cursor", "seq"} == columns
        assert not any(isinstance(value, float) for value in row.values())


def projection_input():
    from stopline.messages.inputs import TripBreaker

    return TripBreaker(account="A1", reason="test")


# --- written whole or not at all ----------------------------------------------------------------------------


def test_alerts_are_append_only(tables, tmp_path):
    put(tables, alert(1))
    other = apsw.Connection(str(tmp_path / "projections.db"))
    for statement in ("DELETE FROM risk_alerts", "UPDATE risk_alerts SET severity = 'INFO'"):
        with pytest.raises(apsw.ConstraintError, match="append-only"):
            other.execute(statement)
    other.close()
    assert len(tables.rows("risk_alerts")) == 1


def test_a_batch_that_fails_leaves_nothing_and_can_be_tried_again(tables, monkeypatch):
    def fail(*_: object) -> None:
        raise OSError("for once")

    records = [(n, START, (denied(f"x{n}"), alert(n))) for n in (1, 2, 3)]
    with monkeypatch.context() as patch:
        patch.setitem(projector.PROJECT, e.AlertRaised, fail)
        with pytest.raises(OSError, match="for once"):
            tables.apply(records)
    assert tables.checkpoint() == 0
    assert tables.rows("orders") == []
    tables.apply(records)
    assert len(tables.rows("orders")) == 3
    assert tables.checkpoint() == 3


def test_nothing_is_skipped_or_repeated(tables):
    put(tables, alert(1))
    for seq in (1, 3):
        with pytest.raises(ValueError, match="cannot follow"):
            tables.apply([(seq, START, (alert(2),))])
    tables.apply([])
    assert tables.checkpoint() == 1


def test_an_event_about_an_unknown_order_is_a_defect_that_shows(tables):
    with pytest.raises(LookupError, match="which no event made"):
        put(tables, e.OrderWorking("A1", "ghost", "b1"))
    assert tables.checkpoint() == 0


# --- dropped when in doubt ------------------------------------------------------------------------------------


@pytest.mark.parametrize("content", [b"", b"rubbish" * 1000, bytes(4096)], ids=["empty", "rubbish", "zeros"])
def test_a_file_that_is_none_is_replaced(tmp_path, content):
    (tmp_path / "projections.db").write_bytes(content)
    tables = open_projections(tmp_path, MemoryJournal())
    assert tables.checkpoint() == 0
    tables.close()


@pytest.mark.parametrize("number", [99, 0])
def test_tables_of_another_schema_are_replaced(tmp_path, number):
    tables = open_projections(tmp_path, MemoryJournal())
    tables.close()
    connection = apsw.Connection(str(tmp_path / "projections.db"))
    newest = "(SELECT max(number) FROM schema_version)"
    connection.execute(f"UPDATE schema_version SET number = ? WHERE number = {newest}", (number or 99,))
    if not number:
        connection.execute("DELETE FROM schema_version")
    connection.close()
    tables = open_projections(tmp_path, MemoryJournal())
    assert tables.checkpoint() == 0
    assert tables.rows("orders") == []
    tables.close()


def test_tables_made_by_other_code_are_replaced(tmp_path, monkeypatch):
    journal = MemoryJournal()
    tables = open_projections(tmp_path, journal)
    tables.apply([(1, START, (started(1),))])
    tables.close()
    monkeypatch.setattr(module, "TABLES_VERSION", 999)
    tables = open_projections(tmp_path, journal)
    assert tables.checkpoint() == 0
    tables.close()
