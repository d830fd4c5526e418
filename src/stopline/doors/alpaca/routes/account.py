"""`/v2/account`: figures, what is allowed, and executions."""

from typing import Any, Final

from stopline.dialects.alpaca.account import CONFIGURATIONS, Configurations
from stopline.dialects.alpaca.activities import ACTIVITY, FILL, Activity
from stopline.dialects.alpaca.codecs import PRICE, QTY
from stopline.dialects.alpaca.errors import Refused
from stopline.dialects.alpaca.exact_json import Malformed
from stopline.dialects.alpaca.instants import read_instant
from stopline.dialects.alpaca.query import moment as asked_moment
from stopline.dialects.alpaca.query import one_of, whole
from stopline.dialects.alpaca.refusals import forbidden
from stopline.dialects.alpaca.serving.wire import Answer, Request
from stopline.doors.alpaca.figures import show_account
from stopline.doors.alpaca.ids import account_uuid, execution_uuid, order_uuid
from stopline.doors.alpaca.room import Room, Routes
from stopline.doors.alpaca.times import moment
from stopline.model.account import TradingState
from stopline.model.numbers import RATIO_ONE, Nanos
from stopline.state.account import AccountState
from stopline.state.view import StateView
from stopline.views.wire import instant

MOST_ACTIVITIES: Final = 100


async def account(room: Room, request: Request) -> Answer:
    """Return the account."""
    return Answer(200, await room.see(lambda account, state, at: show_account(account, state)))


async def configurations(room: Room, request: Request) -> Answer:
    """Return what is allowed."""

    def view(account: AccountState, state: StateView, at: Nanos) -> Configurations:
        terms = account.terms
        return Configurations(
            suspend_trade=account.trading_state is TradingState.HALTED,
            no_shorting=not terms.margin_account or account.limits.own().short_sale is False,
            fractional_trading=False,
            max_margin_multiplier=str(RATIO_ONE // terms.initial_margin) if terms.margin_account else "1",
            trade_confirm_email="none",
            ptp_no_exception_entry=False,
            disable_overnight_trading=False,
        )

    return Answer(200, CONFIGURATIONS.render(await room.see(view)))


async def configure(room: Room, request: Request) -> Answer:
    """Refuse: what a bot is held by is not the bot's to change."""
    raise Refused(forbidden("limits and switches are not changed through this door: stopline kill, stopline limits"))


async def activities(room: Room, request: Request) -> Answer:
    """Return executions; other activities are not known here."""
    said = request.query.get("activity_types", "") or request.parts.get("type", "")
    kinds = [each.strip().upper() for each in said.split(",") if each.strip()]
    if kinds and FILL not in kinds:
        return Answer(200, [])
    after = asked_moment(request.query, "after")
    limit = whole(request.query, "page_size", MOST_ACTIVITIES, MOST_ACTIVITIES)
    if one_of(request.query, "direction", ("asc", "desc"), "desc") == "asc" or request.query.get("page_token"):
        raise Malformed("direction, page_token: only the newest executions are listed here, newest first")
    since = {} if after is None else {"since": instant(after)}
    rows = await room.desk.rows("fills", account=room.bot.account, limit=limit, **since)
    return Answer(200, [ACTIVITY.render(_execution(room, row), with_nulls=False) for row in rows if not row["voided"]])


def _execution(room: Room, row: dict[str, Any]) -> Activity:
    name = room.bot.account
    return Activity(
        id=f"{row['id']}::{execution_uuid(name, row['exec_id'])}",
        activity_type=FILL,
        account_id=account_uuid(name),
        transaction_time=moment(read_instant(row["executed_at"])),
        type="fill",
        price=PRICE.read(row["price"]),
        qty=QTY.read(row["qty"]),
        side=row["side"].lower(),
        symbol=row["symbol"],
        order_id=order_uuid(name, row["client_order_id"]) if row["client_order_id"] else None,
    )


ROUTES: Final[Routes] = {
    ("GET", "/v2/account"): account,
    ("GET", "/v2/account/configurations"): configurations,
    ("PATCH", "/v2/account/configurations"): configure,
    ("GET", "/v2/account/activities"): activities,
    ("GET", "/v2/account/activities/{type}"): activities,
}
