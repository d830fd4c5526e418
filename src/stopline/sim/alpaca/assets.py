"""The assets that are listed, as Alpaca would show them."""

from collections.abc import Iterable

from stopline.dialects.alpaca.assets import Asset
from stopline.model.instrument import AssetClass, Instrument
from stopline.sim.alpaca.ids import ASSET, make_id

EXCHANGES = dict.fromkeys("SPY QQQ IWM DIA".split(), "ARCA") | dict.fromkeys(
    "AAPL MSFT GOOGL AMZN NVDA META TSLA AMD INTC NFLX".split(), "NASDAQ"
)


class Assets:
    """All listed equities, by symbol and by id. The n-th by name has the n-th id."""

    def __init__(self, instruments: Iterable[Instrument]) -> None:
        listed = sorted((each for each in instruments if each.asset_class is AssetClass.EQUITY), key=_symbol)
        self.instruments = {each.symbol: each for each in listed}
        self._ids = {each.symbol: make_id(ASSET, number) for number, each in enumerate(listed, start=1)}
        self._symbols = {asset_id: symbol for symbol, asset_id in self._ids.items()}

    def symbol(self, symbol_or_id: str) -> str | None:
        """Return the symbol of a symbol or an asset's id; None where neither is listed."""
        return symbol_or_id if symbol_or_id in self._ids else self._symbols.get(symbol_or_id)

    def id(self, symbol: str) -> str:
        """Return the id of a listed symbol."""
        return self._ids[symbol]

    @staticmethod
    def exchange(symbol: str) -> str:
        """Return where a symbol is listed."""
        return EXCHANGES.get(symbol, "NYSE")

    def show(self, symbol: str) -> Asset:
        """Return one asset."""
        shortable = self.instruments[symbol].shortable is not False
        return Asset(
            id=self._ids[symbol],
            symbol=symbol,
            exchange=self.exchange(symbol),
            name=f"{symbol} (simulated)",
            tradable=True,
            marginable=True,
            shortable=shortable,
            easy_to_borrow=shortable,
            fractionable=True,
            maintenance_margin_requirement=30_000_000,
        )

    def all(self) -> list[Asset]:
        """Return all of them, by name."""
        return [self.show(symbol) for symbol in self.instruments]


def _symbol(instrument: Instrument) -> str:
    return instrument.symbol
