"""Numbered SQL files: applied once, in order, whole; never backwards."""

import apsw
import pytest

from stopline.stores.sqlite import migrate
from stopline.stores.sqlite.migrate import NewerSchema, applied, expected_schema, migrations, newest, statements

STORES = ("journal", "projections")


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr(migrate, "FOLDER", tmp_path)
    (tmp_path / "toy").mkdir()
    (tmp_path / "toy" / "0001_first.sql").write_text("-- one\nCREATE TABLE a (x);\n\nCREATE TABLE b (\n    y\n);\n")
    return tmp_path / "toy"


@pytest.fixture
def connection():
    opened = apsw.Connection(":memory:")
    yield opened
    opened.close()


@pytest.mark.parametrize("store", STORES)
def test_numbers_have_no_gap(store):
    assert [number for number, _, _ in migrations(store)] == list(range(1, newest(store) + 1))


@pytest.mark.parametrize("store", STORES)
def test_every_table_is_strict(store):
    loose = [
        name for name, sql in expected_schema(store).items() if sql.startswith("CREATE TABLE") and "STRICT" not in sql
    ]
    assert loose == []


def test_each_is_applied_once(folder, connection):
    assert migrate.migrate(connection, "toy") == 1
    assert migrate.migrate(connection, "toy") == 0
    (folder / "0002_more.sql").write_text("ALTER TABLE a ADD COLUMN z;\n")
    assert migrate.migrate(connection, "toy") == 1
    assert applied(connection) == 2
    assert connection.execute("SELECT * FROM schema_version").fetchall() == [(1, "first"), (2, "more")]


def test_one_that_fails_leaves_nothing(folder, connection):
    (folder / "0002_wrong.sql").write_text("CREATE TABLE c (x);\nCREATE TABLE a (x);\n")
    with pytest.raises(apsw.SQLError):
        migrate.migrate(connection, "toy")
    assert applied(connection) == 1
    assert not connection.table_exists("main", "c")


def test_a_newer_file_is_refused(folder, connection):
    migrate.migrate(connection, "toy")
    connection.execute("INSERT INTO schema_version VALUES (2, 'later')")
    with pytest.raises(NewerSchema, match="run the newer one"):
        migrate.migrate(connection, "toy")


def test_statements_are_cut_where_they_end():
    script = """
    -- a comment
    CREATE TABLE a (x TEXT DEFAULT ';');
    CREATE TRIGGER t AFTER INSERT ON a
    BEGIN
        DELETE FROM a WHERE x = 'end;';
        DELETE FROM a;
    END;
    """
    found = list(statements(script))
    assert [each.split()[1] for each in found] == ["TABLE", "TRIGGER"]
    assert found[1].endswith("END")


def test_half_a_statement_is_an_error():
    with pytest.raises(ValueError, match="in the middle"):
        list(statements("CREATE TABLE a (\n"))
