"""What `replay fills` prints: a day to a line, or one JSON document with decimal strings."""

from collections.abc import Sequence

from stopline.cli.figures import UNKNOWN, money, number
from stopline.cli.output import table
from stopline.cli.replay.book import Day, Held
from stopline.measures.average import average_price
from stopline.model.numbers import Money, render_money, render_price, render_qty


def day_json(day: Day) -> dict[str, object]:
    """Return one day; null is unknown."""
    return {
        "date": day.date,
        "fills": day.fills,
        "realized_pnl": _text(day.realized_pnl),
        "unrealized_pnl": _text(day.unrealized_pnl),
        "day_pnl": _text(day.day_pnl),
        "realized_pnl_entry": _text(day.realized_pnl_entry),
        "open_pnl": _text(day.open_pnl),
        "fees": _text(day.fees),
        "cash": _text(day.cash),
        "equity": _text(day.equity),
        "baseline": _text(day.baseline),
        "baseline_source": day.baseline_source,
        "positions": [_position_json(held) for held in day.positions],
        "unpriced": list(day.unpriced),
    }


def _position_json(held: Held) -> dict[str, object]:
    average = average_price(held.cost, held.qty, held.multiplier)
    return {
        "symbol": held.symbol,
        "qty": render_qty(held.qty),
        "cost": _text(held.cost),
        "avg_entry_price": None if average is None else render_price(average),
        "mark_price": None if held.mark is None else render_price(held.mark),
        "market_value": _text(held.market_value),
        "open_pnl": _text(held.open_pnl),
    }


def totals_json(days: Sequence[Day]) -> dict[str, object]:
    """Return the figures over all days."""
    return {
        "days": len(days),
        "fills": sum(day.fills for day in days),
        "realized_pnl_entry": _text(sum(day.realized_pnl_entry for day in days)),
        "fees": _text(sum(day.fees for day in days)),
        "cash": _text(days[-1].cash),
        "equity": _text(days[-1].equity),
    }


def write_table(days: Sequence[Day]) -> None:
    """Write a line for each day, and what is held at the end."""
    columns = (
        "day", "fills", "realized", "unrealized", "day P&L", "realized (entry)", "open P&L", "cash", "equity", "held",
    )  # fmt: skip
    rows = [
        (
            day.date,
            str(day.fills),
            _shown(day.realized_pnl, signed=True),
            _shown(day.unrealized_pnl, signed=True),
            _shown(day.day_pnl, signed=True),
            _shown(day.realized_pnl_entry, signed=True),
            _shown(day.open_pnl, signed=True),
            _shown(day.cash),
            _shown(day.equity),
            _held(day),
        )
        for day in days
    ]
    table(columns, rows, right=columns[1:-1])
    print()
    _write_positions(days[-1])


def _write_positions(day: Day) -> None:
    titles = ("position", "qty", "average", "mark", "market value", "open P&L")
    held = [_position_json(each) for each in day.positions]
    rows = [
        (
            str(each["symbol"]),
            number(each["qty"]),
            number(each["avg_entry_price"]),
            number(each["mark_price"]),
            money(each["market_value"]),
            money(each["open_pnl"], signed=True),
        )
        for each in held
    ]
    table(titles, rows, right=titles[1:], nothing="flat at the end")


def _held(day: Day) -> str:
    if not day.positions:
        return "flat"
    return " ".join(f"{each.symbol}:{render_qty(each.qty)}" for each in day.positions)


def _text(value: Money | None) -> str | None:
    return None if value is None else render_money(value)


def _shown(value: Money | None, *, signed: bool = False) -> str:
    return UNKNOWN if value is None else money(render_money(value), signed=signed)
