"""Trade histories as people have them: what is read, what is noticed, and every bad row with its place."""

import gzip
from datetime import UTC

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stopline.cli.replay.fills import read_fills
from stopline.cli.replay.marks import read_marks
from stopline.cli.replay.table import FileRefused
from stopline.cli.replay.times import TimeRefused, parse_time
from stopline.model.numbers import PRICE_ONE, QTY_ONE, SECOND
from stopline.model.order import Side
from stopline.runtime.zones import load_zone

HEADER = "time,symbol,qty,price\n"


@pytest.fixture
def fills_of(tmp_path):
    def fills_of(text, name="fills.csv", zone=UTC):
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return read_fills(path, zone)

    return fills_of


@pytest.fixture
def refused(fills_of):
    """Return what is said of a file that is refused, without its path."""

    def refused(text):
        with pytest.raises(FileRefused) as error:
            fills_of(text)
        return [line.rpartition("fills.csv")[2] for line in error.value.lines()]

    return refused


def test_signed_quantities(fills_of):
    buy, sell = fills_of(HEADER + "2026-01-06,AAPL,10,175.25\n2026-01-06,AAPL,-2.5,176\n").fills
    assert (buy.side, buy.qty, buy.price, buy.exec_id) == (Side.BUY, 10 * QTY_ONE, 17525 * PRICE_ONE // 100, "line-2")
    assert (sell.side, sell.qty) == (Side.SELL, 25 * QTY_ONE // 10)


@pytest.mark.parametrize("word", ["sell", "SELL", "S", "SLD", "sold", "Sell_Short"])
def test_a_side_beside_the_quantity(word, fills_of):
    text = f"time,symbol,side,qty,price,fee\n2026-01-06,AAPL,{word},5,175,1.05\n2026-01-06,AAPL,{word},-5,175,-0.2\n"
    first, second = fills_of(text).fills
    assert (first.side, first.qty, first.fee) == (Side.SELL, 5 * QTY_ONE, 105 * PRICE_ONE // 100)
    assert (second.side, second.qty, second.fee) == (Side.SELL, 5 * QTY_ONE, -20 * PRICE_ONE // 100)


@pytest.mark.parametrize(
    "header",
    [
        ",amount,price,sid,symbol,txn_dollars",
        "date,quantity,price,x,ticker,y",
        "Timestamp, Shares ,PRICE,x,Symbol,y",
        "\ufeffdatetime;qty;price;x;symbol;y",
        "executed_at\tqty\tprice\tx\tsymbol\ty",
    ],
)
def test_other_names_and_separators(header, fills_of):
    separator = next(each for each in ("\t", ";", ",") if each in header)
    row = separator.join(["2026-01-06 00:00:00+00:00", "7", "1.5", "0", "MMM", "-10.5"])
    found = fills_of(f"{header}\r\n{row}\r\n\r\n")
    assert (found.fills[0].symbol, found.fills[0].qty) == ("MMM", 7 * QTY_ONE)
    assert len(found.unused_columns) == 2


@pytest.mark.parametrize("name", ["fills.csv.gz", "fills.csv"])
def test_gzip_goes_by_its_content(name, fills_of):
    assert len(fills_of(gzip.compress((HEADER + "2026-01-06,A,1,1\n").encode()), name).fills) == 1


def test_finer_than_the_scale_is_rounded_and_counted(fills_of):
    found = fills_of(
        HEADER + "2026-01-06,A,1,4.823750000015\n2026-01-06,A,1.0000000005,1\n2026-01-06,A,1,4.823750000000\n"
    )
    assert found.fills[0].price == 482375000
    assert found.fills[0].rounded
    assert not found.fills[2].rounded
    assert found.rounded == 2


@pytest.mark.parametrize(
    ("rows", "order", "how"),
    [
        (["05", "06", "06b", "07"], ["05", "06", "06b", "07"], ""),
        (["07", "06b", "06", "05"], ["05", "06", "06b", "07"], "reversed"),
        (["06", "07", "05", "06b"], ["05", "06", "06b", "07"], "sorted"),
        (["06", "06b"], ["06", "06b"], ""),
    ],
)
def test_rows_are_put_in_order_of_time(rows, order, how, fills_of):
    text = "time,symbol,qty,price,exec_id\n" + "".join(f"2026-01-{row[:2]},A,1,1,{row}\n" for row in rows)
    found = fills_of(text)
    assert [fill.exec_id for fill in found.fills] == order
    assert found.reordered == how


def test_one_execution_told_twice_is_booked_once(fills_of):
    row = "2026-01-06,A,1,1,x1\n"
    found = fills_of("time,symbol,qty,price,exec_id\n" + row * 3 + "2026-01-06,A,1,1,\n2026-01-06,A,1,1,\n")
    assert [fill.exec_id for fill in found.fills] == ["x1", "line-5", "line-6"]
    assert found.duplicates == 2


@pytest.mark.parametrize(
    ("times", "is_dated"),
    [
        (["2026-01-06", "2026-01-07"], True),
        (["2026-01-06T00:00:00Z", "2026-01-07 00:00"], True),
        (["2026-01-06T00:00:00Z", "2026-01-07T09:30:00Z"], False),
        (["2026-01-06T00:00:00-05:00"], False),
    ],
)
def test_midnight_throughout_means_dates(times, is_dated, fills_of):
    text = HEADER + "".join(f"{time},A,1,1\n" for time in times)
    assert fills_of(text).is_dated is is_dated


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", [": is empty; begin it with a header: time,symbol,qty,price"]),
        (HEADER, [": holds no fills; write rows below time,symbol,qty,price"]),
        ("time,symbol,price\n", [":1: qty: no such column; name one of: qty, quantity, amount, shares"]),
        ("time,date,symbol,qty,price\n", [":1:2: time: columns 1 and 2 are both the time; keep one of them"]),
        (HEADER + "2026-01-06,A,1\n", [":2: has 3 columns; the header has 4 columns: time,symbol,qty,price"]),
        (
            HEADER + "2026-13-06,A,1,1\n",
            [":2:1: time: '2026-13-06' is no time: month must be in 1..12; write 2026-01-06, or 2026-01-06T15:30:00Z"],
        ),
        (
            HEADER + "06/01/2026,A,1,1\n",
            [":2:1: time: '06/01/2026' is no time; write 2026-01-06, or 2026-01-06T15:30:00Z"],
        ),
        (
            HEADER + "2026-01-06,,1,1\n",
            [":2:2: symbol: '' is no symbol; write 1 to 64 letters and digits, such as AAPL"],
        ),
        (
            HEADER + '2026-01-06,A,"1,000",1\n',
            [
                ":2:3: qty: '1,000' is not a decimal number such as 175.25; write a number "
                "such as 100, or -100 for a sale"
            ],
        ),
        (
            HEADER + "2026-01-06,A,0,1\n",
            [":2:3: qty: a fill of nothing; write how much was filled, or take the row out"],
        ),
        (
            HEADER + "2026-01-06,A,1,1e400\n",
            [":2:4: price: '1e400' has an exponent beyond 30; write a price such as 175.25"],
        ),
        (
            HEADER + "2026-01-06,A,9000000000,9000000000\n",
            [":2:4: price: the fill is worth more than can be counted; check qty and price"],
        ),
        (
            HEADER + '2026-01-06,A,1,"1\n',
            [":2: is not CSV here: unexpected end of data; look at the quotes in this line"],
        ),
        (
            HEADER + "2026-01-06,A,1,1\n2026-01-06T10:00:00Z,A,1,1\n",
            [":2: time: a date without a time, while line 3 has one; write times in all rows, or dates in all rows"],
        ),
    ],
)
def test_what_is_wrong_with_a_file(text, said, refused):
    assert refused(text) == said


def test_a_side_that_contradicts_the_sign_and_one_that_nobody_knows(refused):
    text = "time,symbol,side,qty,price\n2026-01-06,A,buy,-1,1\n2026-01-06,A,long,1,1\n"
    assert refused(text) == [
        ":2:4: qty: a buy of a negative quantity; write it without the sign, or sell",
        ":3:3: side: 'long' is no side; write buy or sell",
    ]


def test_one_id_with_two_contents(refused):
    text = "time,symbol,qty,price,exec_id\n2026-01-06,A,1,1,x\n2026-01-06,A,2,1,x\n"
    assert refused(text) == [
        ":3: exec_id: 'x' stands on line 2 already, with other content; give each execution its own id"
    ]


def test_all_bad_rows_are_said_and_many_are_counted(refused):
    said = refused(HEADER + "bad,A,1,1\n" * 25 + "2026-01-06,A,1\n")
    assert len(said) == 21
    assert said[-1] == "... and 6 more like these"
    assert said[0].startswith(":2:1: time: 'bad' is no time")


def test_bytes_that_are_no_text(fills_of, tmp_path):
    with pytest.raises(FileRefused) as error:
        fills_of(HEADER.encode() + b"2026-01-06,\xff,1,1\n")
    assert "fills.csv:2: is not UTF-8" in error.value.lines()[0]
    whole = gzip.compress((HEADER + "2026-01-06,A,1,1\n" * 1000).encode())
    with pytest.raises(FileRefused) as error:
        fills_of(whole[: len(whole) // 2])
    assert "ends too early or is damaged" in error.value.lines()[0]
    with pytest.raises(FileRefused) as error:
        fills_of(whole[:20] + b"\xff" * 8 + whole[28:])
    assert "ends too early or is damaged" in error.value.lines()[0]
    with pytest.raises(FileRefused) as error:
        read_fills(tmp_path / "not-there.csv", UTC)
    assert "cannot be read (No such file or directory)" in error.value.lines()[0]


@given(st.text(alphabet="time,symbolqtyprice\n2026-01A\"';\t.e+", max_size=300))
def test_any_text_is_read_or_refused(text):
    import tempfile
    from pathlib import Path

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "fills.csv"
        path.write_text(HEADER + text, encoding="utf-8")
        try:
            assert read_fills(path, UTC).fills
        except FileRefused as error:
            assert error.lines()


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("1970-01-01", 0),
        ("1970-01-01T00:00:01Z", SECOND),
        ("1970-01-01 00:00:01.000000007+00:00", SECOND + 7),
        ("1970-01-01T01:00:00+0100", 0),
        ("1969-12-31T19:00-05:00", 0),
        ("1970-01-01T09:30:00", 9 * 3600 * SECOND + 1800 * SECOND),
    ],
)
def test_times(text, at):
    assert parse_time(text, UTC).at == at


def test_a_time_without_a_zone_is_read_in_the_one_that_was_said():
    new_york = load_zone("America/New_York")
    assert parse_time("2026-07-01T09:30:00", new_york).at == parse_time("2026-07-01T13:30:00Z", UTC).at
    assert parse_time("2026-01-02T09:30:00", new_york).at == parse_time("2026-01-02T14:30:00Z", UTC).at


@pytest.mark.parametrize(
    "text", ["", "today", "2026-1-6", "2026-02-30", "2026-01-06T25:00Z", "1767657600", "２０２６-01-06", "9999-12-31"]
)
def test_what_is_no_time(text):
    with pytest.raises(TimeRefused):
        parse_time(text, UTC)


class TestMarks:
    def write(self, tmp_path, text):
        path = tmp_path / "marks.csv"
        path.write_text(text)
        return path

    def test_are_kept_by_day_and_symbol(self, tmp_path):
        text = "date,symbol,close\n2026-01-06,A,1.5\n2026-01-06 00:00:00+00:00,A,1.5\n2026-01-07,B,-3\n"
        marks = read_marks(self.write(tmp_path, text)).marks
        assert {str(day): of_day for day, of_day in marks.items()} == {
            "2026-01-06": {"A": 150000000},
            "2026-01-07": {"B": -3 * PRICE_ONE},
        }

    @pytest.mark.parametrize(
        ("row", "said"),
        [
            ("2026-01-06T16:00:00Z,A,1", ":2:1: date: '2026-01-06T16:00:00Z' is no date"),
            ("x,A,1", ":2:1: date: 'x' is no date"),
            ("2026-01-06,,1", ":2:2: symbol: is empty"),
            ("2026-01-06,A,", ":2:3: price: '' is not a decimal number"),
            ("2026-01-06,A,1\n2026-01-06,A,2", ":3:3: price: A has another mark for 2026-01-06 on line 2"),
            ("2026-01-06,A", ":2: has 2 columns"),
        ],
    )
    def test_what_is_wrong(self, row, said, tmp_path):
        with pytest.raises(FileRefused) as error:
            read_marks(self.write(tmp_path, f"date,symbol,price\n{row}\n"))
        assert f"marks.csv{said}" in error.value.lines()[0]
