"""Portfolio history: equity over time. The one answer whose money travels as JSON numbers."""

from typing import Final

from msgspec import Struct

from stopline.dialects.alpaca.codecs import COUNT, MONEY_NUMBER, RATIO_NUMBER, TEXT, list_of, or_null
from stopline.dialects.alpaca.records import Record
from stopline.model.numbers import Money, Ratio


class PortfolioHistory(Struct, frozen=True, kw_only=True):
    """Columns of equal length; `timestamp` is in Unix seconds."""

    timeframe: str
    timestamp: tuple[int, ...] = ()
    equity: tuple[Money | None, ...] = ()
    profit_loss: tuple[Money | None, ...] = ()
    profit_loss_pct: tuple[Ratio | None, ...] = ()
    base_value: Money | None = None


PORTFOLIO_HISTORY: Final = Record(
    PortfolioHistory,
    {
        "timestamp": list_of(COUNT),
        "equity": list_of(or_null(MONEY_NUMBER)),
        "profit_loss": list_of(or_null(MONEY_NUMBER)),
        "profit_loss_pct": list_of(or_null(RATIO_NUMBER)),
        "base_value": MONEY_NUMBER,
        "timeframe": TEXT,
    },
)
