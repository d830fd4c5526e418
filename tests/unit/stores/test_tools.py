"""`stopline journal verify | show | export | rebuild`, as functions. Damage is tried in sqlite/test_damage.py."""

import json
from pathlib import Path

import pytest

from stopline.model.limits import Limits
from stopline.ports.journal import Head, JournalCorrupt, JournalError
from stopline.stores import tools
from stopline.stores.spool import open_spool
from stopline.stores.sqlite import verifying
from stopline.stores.sqlite.journal import open_journal
from tests.build import World, qty
from tests.journals import EMPTY, chained, denials


@pytest.fixture(scope="module")
def world():
    made = World(strict=False, limits=Limits(max_order_qty=qty("100")))
    made.buy("10", limit="175", id="B1")
    made.fill("B1", "4", "174.25", fee="1.5")
    made.at += 60 * 10**9
    made.buy("1000000", limit="175", id="B2")
    made.open_account("A2")
    return made


@pytest.fixture
async def data_dir(world, tmp_path):
    journal = open_journal(tmp_path)
    await journal.append(chained(world))
    await journal.close()
    return tmp_path


async def test_verify_counts_and_names_the_head(world, data_dir):
    found = tools.verify(data_dir)
    records = chained(world)
    assert found.intact
    assert (found.records, found.head_seq, found.head_hash) == (len(records), len(records), records[-1].hash.hex())
    assert found.events > found.records
    assert (found.epoch, found.code_version, found.config_version) == (1, "test", "test")
    assert found.first_bad_seq is None
    assert found.warnings == ()
    assert str(len(records)) in found.message


async def test_verify_tells_how_far_it_is(data_dir, monkeypatch):
    monkeypatch.setattr(tools, "PROGRESS_EVERY", 4)
    steps: list[tuple[int, int]] = []
    last = tools.verify(data_dir, lambda done, of: steps.append((done, of))).head_seq
    assert steps == [(seq, last) for seq in range(4, last + 1, 4)]


async def test_verify_warns_of_what_is_missing_or_useless_beside(data_dir):
    (data_dir / "anchor.json").unlink()
    (data_dir / "snapshots").mkdir(mode=0o700)
    (data_dir / "snapshots" / "00000000000000000003.snapshot").write_bytes(b"rubbish")
    found = tools.verify(data_dir)
    assert found.intact
    assert [any(word in each for each in found.warnings) for word in ("anchor.json", "snapshot")] == [True, True]


async def test_verify_tells_what_waits_in_the_spool(data_dir):
    spool = open_spool(data_dir / "spool.bin", 2**17)
    found = tools.verify(data_dir)
    head = Head(found.head_seq, bytes.fromhex(found.head_hash), 1, 1, "", "")
    assert spooled(data_dir) == []
    await spool.append(denials(head, 3))
    (said,) = spooled(data_dir)
    assert (
        said == f"records {head.seq + 1} to {head.seq + 3} wait in spool.bin: the next start puts them into the journal"
    )
    elsewhere = data_dir / "elsewhere.bin"
    (data_dir / "spool.bin").rename(elsewhere)
    assert spooled(data_dir) == []
    assert [each.partition(":")[0] for each in tools.verify(data_dir, spool=elsewhere).warnings if "wait" in each] == [
        f"records {head.seq + 1} to {head.seq + 3} wait in elsewhere.bin"
    ]
    await spool.close()
    (data_dir / "spool.bin").write_bytes(b"x" * 9000)
    assert any("spool.bin is damaged" in each for each in tools.verify(data_dir).warnings)


@pytest.mark.parametrize(("gap", "before"), [(0, b"x" * 32), (1, None)])
async def test_verify_tells_that_the_spool_is_of_another_journal(data_dir, gap, before):
    found = tools.verify(data_dir)
    head = Head(found.head_seq + gap, before or bytes.fromhex(found.head_hash), 1, 1, "", "")
    spool = open_spool(data_dir / "spool.bin", 2**17)
    await spool.append(denials(head, 2))
    await spool.close()
    (said,) = spooled(data_dir)
    assert f"do not continue this journal, which ends at record {found.head_seq}" in said


async def test_verify_tells_that_the_spool_cannot_be_read(data_dir):
    (data_dir / "spool.bin").mkdir()
    (said,) = spooled(data_dir)
    assert said.startswith("spool.bin cannot be read")


def spooled(data_dir):
    return [each for each in tools.verify(data_dir).warnings if "spool" in each]


async def test_verify_beside_a_running_stopline(tmp_path):
    journal = open_journal(tmp_path)
    await journal.append(denials(journal.head(), 3))
    found = tools.verify(tmp_path)
    assert (found.intact, found.head_seq) == (True, 3)
    assert [record["seq"] for record in tools.show(tmp_path)] == [1, 2, 3]
    await journal.append(denials(journal.head(), 3))
    await journal.close()


def test_there_may_be_no_journal(tmp_path):
    found = tools.verify(tmp_path)
    assert (found.intact, found.first_bad_seq) == (False, None)
    assert "no journal" in found.message
    for look in (tools.show, tools.export):
        with pytest.raises(JournalError, match="no journal"):
            list(look(tmp_path))
    with pytest.raises(JournalError, match="no journal"):
        tools.rebuild(tmp_path)
    assert list(tmp_path.iterdir()) == [], "looking makes nothing"


# --- show ----------------------------------------------------------------------------------------------


def kinds(shown: list[dict[str, object]]) -> list[str]:
    return [event["type"] for record in shown for event in record["events"]]  # type: ignore[attr-defined]


async def test_show_says_records_in_words(data_dir):
    shown = list(tools.show(data_dir, client_order_id="B1"))
    assert kinds(shown) == ["OrderApproved", "OrderFilled"]
    request = shown[0]["events"][0]["request"]
    assert (request["order_qty"], request["limit_price"], request["side"]) == ("10", "175.00", "buy")
    fill = shown[1]["events"][0]["fill"]
    assert (fill["qty"], fill["price"], fill["fee"]) == ("4", "174.25", "1.50")
    assert shown[0]["at"] == "2026-01-06T15:00:00.000000000Z"
    assert shown[1]["prev_hash"] == shown[0]["hash"]


@pytest.mark.parametrize(
    ("filters", "seqs"),
    [
        ({"after_seq": 3, "until_seq": 5}, [4, 5]),
        ({"until_seq": 2}, [1, 2]),
        ({"limit": 2}, [1, 2]),
        ({"limit": 2, "after_seq": 7}, [8, 9]),
        ({"limit": 0}, []),
        ({"event": "Nothing"}, []),
        ({"client_order_id": "B"}, []),
    ],
)
async def test_show_by_number(data_dir, filters, seqs):
    assert [record["seq"] for record in tools.show(data_dir, **filters)] == seqs


@pytest.mark.parametrize(
    ("filters", "said"),
    [
        ({"event": "OrderFilled"}, ["OrderFilled"]),
        ({"account": "A2"}, ["AccountOpened"]),
        ({"client_order_id": "B2"}, ["OrderDenied"]),
        ({"event": "OrderDenied", "account": "A1"}, ["OrderDenied"]),
        ({"event": "OrderDenied", "account": "A2"}, []),
    ],
)
async def test_show_by_content(data_dir, filters, said):
    """A record is shown whole if one of its events passes."""
    shown = list(tools.show(data_dir, **filters))
    assert len(shown) == len(said)
    assert all(kind in kinds([record]) for record, kind in zip(shown, said, strict=True))


async def test_show_up_to_beyond_the_end(world, data_dir):
    assert len(list(tools.show(data_dir, until_seq=10**9))) == len(world.records)


async def test_show_since(world, data_dir):
    found = [record["seq"] for record in tools.show(data_dir, since=world.at)]
    assert found == [record.seq for record in world.records if record.at >= world.at]
    assert found


async def test_show_stops_at_damage(data_dir):
    content = (file := data_dir / "journal.db").read_bytes()
    body = next(record.body for record in open_for_reading(data_dir) if record.seq == 17)
    file.write_bytes(content.replace(body, body[:-1] + bytes([body[-1] ^ 1])))
    shown = tools.show(data_dir)
    assert [next(shown)["seq"] for _ in range(16)] == list(range(1, 17))
    with pytest.raises(JournalCorrupt) as caught:
        next(shown)
    assert caught.value.seq == 17


def open_for_reading(data_dir: Path):
    from stopline.stores.sqlite.reading import ChainReader

    reader = ChainReader(data_dir / "journal.db")
    records = list(reader.read())
    reader.close()
    return records


# --- export and rebuild ------------------------------------------------------------------------------------


async def test_export_is_one_record_a_line(world, data_dir):
    lines = list(tools.export(data_dir))
    assert all(line.endswith(b"\n") and line.count(b"\n") == 1 for line in lines)
    assert [json.loads(line)["seq"] for line in lines] == [record.seq for record in world.records]
    assert [json.loads(line) for line in lines] == list(tools.show(data_dir))
    assert len(list(tools.export(data_dir, 3, 5))) == 2


async def test_rebuild_says_how_many_records(world, data_dir, monkeypatch):
    monkeypatch.setattr(tools, "PROGRESS_EVERY", 5)
    steps: list[int] = []
    assert tools.rebuild(data_dir, lambda done, of: steps.append(done)) == len(world.records)
    assert steps == sorted(steps)
    assert tools.rebuild(data_dir) == len(world.records)


async def test_an_empty_journal_is_in_order(tmp_path):
    await open_journal(tmp_path).close()
    found = tools.verify(tmp_path)
    assert (found.intact, found.records, found.head_seq) == (True, 0, 0)
    assert list(tools.export(tmp_path)) == []
    assert tools.rebuild(tmp_path) == 0
    assert verifying.EMPTY == EMPTY
