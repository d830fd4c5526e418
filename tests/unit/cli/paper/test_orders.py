"""A file of orders: both forms say the same, and what is wrong is said with its line."""

import pytest

from stopline.cli.paper.orders import MOST_PROBLEMS, OrdersRefused, read_orders
from stopline.model.numbers import SECOND, parse_price, parse_qty
from stopline.model.order import OrderType, Side

HEADER = "at,symbol,side,quantity,order_type,price,reduce_only\n"
FIRST = "2013-10-07T14:00:00Z,ESZ3,BUY,2,LIMIT,1670.25,\n"
SECOND_ROW = "2013-10-07T13:00:00+00:00,ESZ3,SELL,1,MARKET,,TRUE\n"
LINES = """{"at": "2013-10-07T14:00:00Z", "symbol": "ESZ3", "side": "BUY", "quantity": 2, "order_type": "LIMIT", "price": 1670.25}

{"at": 1381150800, "symbol": "ESZ3", "side": "SELL", "quantity": "1", "order_type": "MARKET", "reduce_only": true}
"""  # noqa: E501


@pytest.fixture
def read(tmp_path):
    def read(text, name="orders.csv"):
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return read_orders(path, "paper")

    return read


@pytest.fixture
def refused(read):
    def refused(text, name="orders.csv"):
        with pytest.raises(OrdersRefused) as fault:
            read(text, name)
        return fault.value.problems

    return refused


def test_csv_and_json_lines_say_the_same(read):
    rows, lines = read(HEADER + FIRST + SECOND_ROW), read(LINES, "orders.jsonl")
    for early, late in (rows, lines):
        assert (early.at, late.at) == (1_381_150_800 * SECOND, 1_381_154_400 * SECOND), "in order of time"
        assert (early.order.side, early.order.reduce_only) == (Side.SELL, True)
        assert (late.order.order_type, late.order.order_qty) == (OrderType.LIMIT, parse_qty("2"))
        assert late.order.limit_price == parse_price("1670.25")
        assert late.order.account == "paper"
    assert [each.order.client_order_id for each in rows] == ["line-3", "line-2"]


def test_orders_of_one_instant_keep_their_order(read):
    names = [each.order.client_order_id for each in read(HEADER + FIRST + FIRST + FIRST)]
    assert names == ["line-2", "line-3", "line-4"]


def test_a_byte_order_mark_empty_lines_and_spaces_do_no_harm(read):
    text = "\ufeff" + HEADER.replace("side", " side ") + "\n" + FIRST.replace("BUY", " buy ")
    assert read(text)[0].order.side is Side.BUY


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (HEADER + FIRST.replace("ESZ3,BUY,2", "ESZ3,BUY,0"), "orders.csv, line 2: quantity: must be more than 0"),
        (HEADER + FIRST + FIRST.replace("BUY", "LONG"),
         "orders.csv, line 3: side: 'LONG' is not known here; one of BUY"),
        (HEADER + FIRST.replace("1670.25", ""), "orders.csv, line 2: price: a LIMIT order needs a price; send a price"),
        (HEADER + FIRST.replace("Z,ESZ3", ",ESZ3"),
         "at: '2013-10-07T14:00:00' is not an instant; ISO 8601 with a zone"),
        (HEADER + FIRST[20:], "line 2: at is missing; when the order is sent"),
        (HEADER + "a,b\n", "orders.csv, line 2: 2 fields, not 7"),
        (HEADER + FIRST.replace(",\n", ",maybe\n"), "reduce_only: 'maybe' is not true or false"),
        (HEADER.replace("price", "prize") + FIRST, "line 1: nobody knows the column 'prize'; columns are at, client_"),
        (HEADER.replace("at,", "") + FIRST, "line 1: there is no column at; columns are at"),
        ("", "line 1: the file is empty; columns are at"),
        (HEADER, "orders.csv holds no order"),
        (b"\xff\xfe\x00", "cannot be read: it is not text in UTF-8"),
        ('{"at": "2013-10-07T14:00:00Z"\n', "orders.csv, line 1: the body is not JSON"),
        ('{"at": 1, "symbol": "X", "side": "BUY", "quantity": 1, "order_type": "MARKET", "size": 3}',
         "size: nobody knows this key"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_with_its_line_and_what_would_be_right(refused, text, told):
    assert told in "\n".join(refused(text))


def test_an_id_that_comes_twice(refused):
    header, row = "at,client_order_id,symbol,side,quantity,order_type\n", "2013-10-07T14:00:00Z,A,X,BUY,1,MARKET\n"
    assert refused(header + row + row) == ["orders.csv, line 3: client_order_id 'A' is on line 2 already"]


def test_all_that_is_wrong_is_said_at_once_but_not_without_end(refused):
    problems = refused(HEADER + FIRST.replace("BUY", "X") * (MOST_PROBLEMS + 5))
    assert len(problems) == MOST_PROBLEMS + 1
    assert problems[-1] == "and 5 more"


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(OrdersRefused, match="cannot be read: No such file"):
        read_orders(tmp_path / "no.csv", "paper")
