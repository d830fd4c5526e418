"""US equities: the 25 seeded symbols, and any other by its name.

The paper exchange lends every equity, so that all of them can be sold short on it.

Source     semantics.md section 5 (seeded symbols); sectors as in GICS.
"""

from typing import Final

from stopline.model.instrument import AssetClass, Instrument
from stopline.model.numbers import PRICE_ONE, QTY_ONE, Price, parse_price, parse_ratio

CENT: Final = parse_price("0.01")
STRESS_MOVE: Final = parse_ratio("0.10")

_SEEDED: Final = """
    AAPL 175 technology              MSFT 380 technology              GOOGL 140 communication_services
    AMZN 150 consumer_discretionary  NVDA 450 technology              META 320 communication_services
    TSLA 250 consumer_discretionary  SPY 450 index                    QQQ 380 index
    IWM 185 index                    DIA 350 index                    AMD 110 technology
    INTC 40 technology               NFLX 430 communication_services  JPM 150 financials
    BAC 30 financials                WFC 42 financials                V 240 financials
    MA 390 financials                XOM 110 energy                   CVX 150 energy
    JNJ 155 health_care              PG 150 consumer_staples          KO 58 consumer_staples
    WMT 160 consumer_staples
""".split()
START_PRICES: Final[dict[str, Price]] = {
    symbol: parse_price(price) for symbol, price in zip(_SEEDED[::3], _SEEDED[1::3], strict=True)
}
"""Where the synthetic market begins."""
SECTORS: Final[dict[str, str]] = dict(zip(_SEEDED[::3], _SEEDED[2::3], strict=True))


def equity(symbol: str) -> Instrument:
    """Return a US equity: a cent a tick, one share a lot."""
    instrument_id = f"eq:US:{symbol}"
    return Instrument(
        instrument_id=instrument_id,
        symbol=symbol,
        product=instrument_id,
        asset_class=AssetClass.EQUITY,
        currency="USD",
        tick_size=CENT,
        lot_size=QTY_ONE,
        multiplier=PRICE_ONE,
        shortable=True,
        sector=SECTORS.get(symbol, ""),
        stress_move=STRESS_MOVE,
    )
