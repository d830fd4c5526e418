"""Names in the configuration that nothing listed has, and that look like one that is: a limit of such a name is none.

A name that resembles nothing is let be: it may be of another market, or be listed later.
"""

from collections.abc import Iterator, Mapping

from stopline.config.load import load
from stopline.config.settings import Settings
from stopline.model.ids import InstrumentId
from stopline.model.instrument import Instrument
from stopline.model.patterns import names
from stopline.model.unknown_symbol import meant_by


def misnamed(settings: Settings, instruments: Mapping[InstrumentId, Instrument]) -> list[str]:
    """Return a sentence for each: where it stands, and what is listed."""
    usual = {symbol for symbols in load().symbol_limits.values() for symbol in symbols}
    told: dict[str, None] = {}
    for where, name in _named(settings):
        if name in usual or any(names(name, each) for each in instruments.values()):
            continue
        meant = meant_by(name, instruments)
        if meant:
            listed = f"{', '.join(meant)} {'is' if len(meant) == 1 else 'are'} listed"
            told[f"{where}: nothing is called {name}, so that this does nothing; {listed}"] = None
    return list(told)


def _named(settings: Settings) -> Iterator[tuple[str, str]]:
    """Yield where each name stands, and the name."""
    for symbols in settings.symbol_limits.values():
        for symbol in symbols:
            yield f"symbols.{symbol}", symbol
    for limits in (*settings.limits.values(), *(scoped.limits for scoped in settings.scoped_limits)):
        for key, patterns in (("allow", limits.allow), ("deny", limits.deny)):
            yield from ((f"limits.{key}", pattern) for pattern in patterns or ())
    for rules in settings.rules.values():
        if rules.symbol_block is not None:
            yield from (("rules.symbol_block.blocked", pattern) for pattern in rules.symbol_block.blocked)
