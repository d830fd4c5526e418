"""Trading days: opening equity, marks of the day's P&L, transfers, resets."""

from stopline.messages import events as e
from stopline.model.ids import AccountId
from stopline.model.numbers import Money, parse_money, render_money
from stopline.stores.projecting.moment import Moment
from stopline.stores.projecting.shelf import Shelf
from stopline.stores.projecting.tables import Row, Value
from stopline.views.wire import optional_instant


def project_session(shelf: Shelf, event: e.SessionOpened, now: Moment) -> None:
    """A trading day began."""
    session = event.session
    terms = shelf.get("accounts", event.account)
    if terms is not None:
        terms["date"] = session.session_id
        shelf.put("accounts", terms)
    before = shelf.get("daily_pnl_tracking", event.account, session.session_id)
    day = before or _new_day(event.account, session.session_id, now)
    day["opening_equity"], day["baseline_source"] = _money(event.baseline), event.source
    day["transfers"] = "0.00"
    day["updated_at"] = now.time
    shelf.put("daily_pnl_tracking", day)
    _log(
        shelf,
        event.account,
        session.session_id,
        now,
        what="session_opened",
        opens_at=optional_instant(session.opens_at),
        resets_at=optional_instant(session.resets_at),
        tzdata=session.tzdata,
        opening_equity=_money(event.baseline),
        baseline_source=event.source,
    )


def project_baseline(shelf: Shelf, event: e.BaselineStated, now: Moment) -> None:
    """An admin stated the opening equity."""
    day = day_row(shelf, event.account)
    if day is not None:
        day["opening_equity"], day["baseline_source"] = render_money(event.equity), "stated"
        day["updated_at"] = now.time
        shelf.put("daily_pnl_tracking", day)
    _log(
        shelf,
        event.account,
        event.session_id,
        now,
        what="baseline_stated",
        opening_equity=render_money(event.equity),
        baseline_source="stated",
        actor=event.actor,
        reason=event.reason,
    )


def project_pnl(shelf: Shelf, event: e.PnlMarked, now: Moment) -> None:
    """The day's P&L at this instant."""
    day = shelf.get("daily_pnl_tracking", event.account, event.session_id)
    day = day or _new_day(event.account, event.session_id, now)
    day["equity"] = render_money(event.equity)
    day["realized_pnl"] = render_money(event.realized_pnl)
    day["unrealized_pnl"] = render_money(event.unrealized_pnl)
    day["total_pnl"] = render_money(event.total_pnl)
    day["updated_at"] = now.time
    shelf.put("daily_pnl_tracking", day)


def project_transfer(shelf: Shelf, event: e.CashMoved, now: Moment) -> None:
    """Money was paid in or out."""
    day = day_row(shelf, event.account)
    if day is not None:
        day["transfers"] = render_money(parse_money(str(day["transfers"])) + event.amount)
        day["updated_at"] = now.time
        shelf.put("daily_pnl_tracking", day)


def day_row(shelf: Shelf, account: AccountId) -> Row | None:
    """Return the row of the account's present trading day, if one has begun."""
    terms = shelf.get("accounts", account)
    return shelf.get("daily_pnl_tracking", account, terms["date"]) if terms and terms["date"] else None


def _new_day(account: AccountId, date: str, now: Moment) -> Row:
    return {
        "account": account,
        "date": date,
        "opening_equity": None,
        "baseline_source": "",
        "equity": None,
        "realized_pnl": None,
        "unrealized_pnl": None,
        "total_pnl": None,
        "transfers": "0.00",
        "fills": 0,
        "fees": "0.00",
        "circuit_breaker_triggered": 0,
        "opened_at": now.time,
        "updated_at": now.time,
    }


def _log(shelf: Shelf, account: AccountId, date: str, now: Moment, **columns: Value) -> None:
    entry: Row = {
        "id": now.id,
        "time": now.time,
        "account": account,
        "date": date,
        "what": "",
        "opens_at": None,
        "resets_at": None,
        "tzdata": "",
        "opening_equity": None,
        "baseline_source": "",
        "actor": "",
        "reason": "",
    }
    shelf.put("reset_log", entry | columns)


def _money(value: Money | None) -> str | None:
    return None if value is None else render_money(value)
