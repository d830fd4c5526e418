"""Pages out of the projections: rows as the stores keep them, which are exact text already."""

from typing import Any

from stopline.doors.native.errors import Refusal, wrong_field
from stopline.doors.native.query import MAX_PAGE
from stopline.doors.native.respond import unavailable
from stopline.doors.native.web import Door, account_state
from stopline.model.ids import AccountId
from stopline.model.numbers import Nanos
from stopline.ports.desk import DeskUnavailable
from stopline.state.view import StateView


async def read_page(
    door: Door,
    table: str,
    *,
    limit: int,
    account: AccountId | None = None,
    symbol: str | None = None,
    **filters: object,
) -> tuple[list[dict[str, Any]], str | None]:
    """Return a page of rows, newest first, and the cursor of the next page if there is one. Raises Refusal."""

    def named(state: StateView, at: Nanos) -> str | None:
        if account is not None:
            account_state(state, account)
        return state.symbols.get(symbol or "", symbol) if table in ("orders", "fills") else symbol

    filters |= {"account": account, "symbol": door.desk.peek(named)}
    asked = {name: value for name, value in filters.items() if value is not None}
    try:
        rows: list[dict[str, Any]] = await door.desk.rows(table, limit=min(limit + 1, MAX_PAGE), **asked)
    except DeskUnavailable as fault:
        raise Refusal(unavailable(fault)) from None
    except ValueError as fault:
        raise wrong_field("cursor", str(fault), "next_cursor of the page before") from None
    is_more = len(rows) > limit or len(rows) == MAX_PAGE
    page = rows[:limit]
    following = page[-1]["cursor"] if is_more else None
    return [{name: value for name, value in row.items() if name not in ("id", "cursor")} for row in page], following
