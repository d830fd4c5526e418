"""Account activities: the deposit that began it, and every execution."""

from collections.abc import Mapping

from stopline.dialects.alpaca.activities import FILL, Activity
from stopline.dialects.alpaca.instants import write_instant
from stopline.dialects.alpaca.query import moment, one_of, whole
from stopline.model.numbers import Nanos
from stopline.sim.alpaca.book import Book, Execution
from stopline.sim.alpaca.ids import EXECUTION, make_id
from stopline.sim.alpaca.show import ACCOUNT_ID

DEPOSIT = "CSD"
PAGE = 100
DAY_NS: Nanos = 86_400 * 1_000_000_000


def find_activities(book: Book, kinds: str, query: Mapping[str, str]) -> list[Activity]:
    """Return a page of activities, newest first unless asked otherwise; raises Malformed."""
    wanted = {part.strip().upper() for part in kinds.split(",") if part.strip()}
    is_descending = one_of(query, "direction", ("asc", "desc"), "desc") == "desc"
    after, until, day = moment(query, "after"), moment(query, "until"), moment(query, "date")
    timed = [(book.began_at, _deposit(book))] + [(each.at, _fill(book, each)) for each in book.executions]
    found = [
        activity
        for at, activity in timed
        if (not wanted or activity.activity_type in wanted)
        and (after is None or at > after)
        and (until is None or at <= until)
        and (day is None or day <= at < day + DAY_NS)
    ]
    if is_descending:
        found.reverse()
    page = whole(query, "page_size", PAGE, PAGE)
    token = query.get("page_token", "")
    seen = [place for place, activity in enumerate(found) if activity.id == token]
    begin = seen[0] + 1 if seen else 0
    return found[begin : begin + page]


def _fill(book: Book, execution: Execution) -> Activity:
    is_last = execution.leaves_qty == 0
    return Activity(
        id=_id(execution.at, execution.number),
        activity_type=FILL,
        account_id=ACCOUNT_ID,
        transaction_time=execution.at,
        type="fill" if is_last else "partial_fill",
        price=execution.price,
        qty=execution.qty,
        side=execution.side,
        symbol=execution.symbol,
        leaves_qty=execution.leaves_qty,
        order_id=execution.order_id,
        cum_qty=execution.cum_qty,
        order_status="filled" if is_last else "partially_filled",
    )


def _deposit(book: Book) -> Activity:
    return Activity(
        id=_id(book.began_at, 0),
        activity_type=DEPOSIT,
        account_id=ACCOUNT_ID,
        date=write_instant(book.began_at)[:10],
        net_amount=book.opening_cash,
        description="opening cash",
        status="executed",
    )


def _id(at: Nanos, number: int) -> str:
    """Return an activity's id: its instant to the millisecond, and the execution's id."""
    seconds = write_instant(at // 1_000_000 * 1_000_000).rstrip("Z")
    digits = "".join(each for each in seconds if each.isdigit()).ljust(17, "0")
    return f"{digits}::{make_id(EXECUTION, number)}"
