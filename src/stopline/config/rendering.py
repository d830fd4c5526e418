"""Settings in their human units, as the configuration would have them."""

from collections.abc import Callable
from typing import Final

from stopline.config.instants import read_instant
from stopline.config.rule_units import (
    WEEKDAYS,
    read_grace,
    read_positive_share,
    read_rule_window,
    read_weekdays,
)
from stopline.config.units import (
    NONE,
    read_duration,
    read_hours,
    read_money,
    read_multiplier,
    read_positive_money,
    read_positive_qty,
    read_price,
    read_qty,
    read_ratio,
    read_share,
    read_signed_money,
)
from stopline.model.instants import render_duration, render_instant
from stopline.model.limits import RateWindow
from stopline.model.market_hours import render_hours
from stopline.model.numbers import render_money, render_percent, render_qty, render_ratio
from stopline.model.rules import ContractTier, LossTier
from stopline.model.week import WeekTerms


def render(value: object, reader: Callable[..., object] | None = None) -> str:
    """Return a setting's value in its human unit, as the configuration would have it."""
    if value is None or value == ():
        return NONE
    if isinstance(value, bool):
        return "true" if value else "false"
    if reader in (read_hours, read_weekdays) and isinstance(value, tuple):
        return render_hours(value) if reader is read_hours else f"[{', '.join(WEEKDAYS[day] for day in value)}]"
    if isinstance(value, tuple) and value and isinstance(value[0], LossTier):
        return f"{{{', '.join(f'{render_money(each.loss)}: {render_duration(each.cooldown)}' for each in value)}}}"
    if isinstance(value, tuple) and value and isinstance(value[0], ContractTier):
        return f"{{{', '.join(f'{render_money(each.profit)}: {render_ratio(each.limit)}' for each in value)}}}"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{name}: {render_qty(qty)}' for name, qty in value.items())}}}"
    if isinstance(value, tuple):
        return f"[{', '.join(render(each) for each in value)}]"
    if isinstance(value, WeekTerms):
        return " ".join((WEEKDAYS[value.weekday], value.reset_time, value.reset_zone)).strip()
    if isinstance(value, RateWindow):
        return f"{value.count} / {render_duration(value.window)}"
    if isinstance(value, int) and reader is not None:
        return _RENDER.get(reader, str)(value)
    return str(value)


_RENDER: Final[dict[Callable[..., object], Callable[[int], str]]] = {
    read_money: render_money,
    read_positive_money: render_money,
    read_signed_money: render_money,
    read_price: render_money,
    read_multiplier: render_money,
    read_qty: render_qty,
    read_positive_qty: render_qty,
    read_ratio: render_ratio,
    read_share: lambda ratio: f"{render_percent(ratio)} %",
    read_duration: render_duration,
    read_grace: render_duration,
    read_instant: render_instant,
    read_rule_window: render_duration,
    read_positive_share: lambda ratio: f"{render_percent(ratio)} %",
}
