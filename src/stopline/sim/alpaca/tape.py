"""The simulated market's quotes, for those who ask for the newest ones and those who listen to all."""

from collections.abc import Iterable

from stopline.dialects.alpaca.quotes import ShareQuote
from stopline.dialects.alpaca.serving.quotes import QuoteListener
from stopline.model.numbers import Nanos
from stopline.model.quote import Quote


class Tape:
    """The newest quote of each share, and who hears the next one."""

    def __init__(self) -> None:
        self._newest: dict[str, ShareQuote] = {}
        self._listeners: set[QuoteListener] = set()

    def join(self, listener: QuoteListener) -> None:
        """Let a connection hear what it asks for from now on."""
        self._listeners.add(listener)

    def leave(self, listener: QuoteListener) -> None:
        """Forget a connection."""
        self._listeners.discard(listener)

    @property
    def listening(self) -> int:
        """How many connections have asked for quotes."""
        return sum(bool(listener.symbols) for listener in self._listeners)

    def cut_all(self) -> int:
        """Cut every connection; return how many there were."""
        listeners = tuple(self._listeners)
        for listener in listeners:
            self.leave(listener)
            listener.cut()
        return len(listeners)

    def take(self, symbol: str, quote: Quote, at: Nanos) -> None:
        """Let a quote be the newest, and tell it."""
        told = ShareQuote(
            symbol=symbol, at=at, bid=quote.bid, ask=quote.ask, bid_size=quote.bid_size, ask_size=quote.ask_size
        )
        self._newest[symbol] = told
        for listener in tuple(self._listeners):
            listener.offer(told)

    def latest(self, symbols: Iterable[str]) -> tuple[ShareQuote, ...]:
        """Return the newest quotes of those that were ever quoted."""
        return tuple(self._newest[symbol] for symbol in symbols if symbol in self._newest)
