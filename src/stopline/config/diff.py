"""Settings as key and value in human units, and what changed between two of them.

Which changes tighten and which loosen is the engine's to say (`engine/strictest.py`).
"""

from collections.abc import Iterator

from msgspec import Struct

from stopline.config.hidden import SHOWN_AS, Hidden, is_hidden
from stopline.config.load import without_none
from stopline.config.rendering import render as render_value
from stopline.config.rules_schema import RulesSection
from stopline.config.schema import AccountSection, FeesSection, InstrumentSection, LimitsSection, SymbolSection
from stopline.config.section import Section
from stopline.config.settings import Settings
from stopline.model.market_hours import render_hours
from stopline.model.rules import Rules


class Change(Struct, frozen=True):
    """One key with its old and new value; None is a key that was not, or is no more."""

    key: str
    before: str | None
    after: str | None

    def __str__(self) -> str:
        return f"{self.key}: {self.before or 'absent'} -> {self.after or 'absent'}"


def diff(old: Settings, new: Settings) -> list[Change]:
    """Return what changed, by key in the order of the settings; what variables hold is not in it."""
    before, after = flatten(old), flatten(new)
    changed = [key for key in dict.fromkeys([*before, *after]) if before.get(key) != after.get(key)]
    return [Change(key, _shown(key, before, old.hidden), _shown(key, after, new.hidden)) for key in changed]


def _shown(key: str, values: dict[str, str], hidden: Hidden) -> str | None:
    return SHOWN_AS if key in values and is_hidden(key, hidden) else values.get(key)


def flatten(settings: Settings) -> dict[str, str]:
    """Return every setting in force by its key, each account with the limits that apply to it."""
    return dict(_flatten(settings))


def _flatten(settings: Settings) -> Iterator[tuple[str, str]]:
    yield "data_dir", str(settings.data_dir)
    yield "spool_path", "none" if settings.spool_path is None else str(settings.spool_path)
    yield "server.host", settings.host
    yield "server.port", str(settings.port)
    yield "market.source", settings.market.source
    yield "market.speed", str(settings.market.speed)
    yield "log.level", settings.log_level
    yield "log.format", "json" if settings.log_json else "text"
    yield from _fields("fees", settings.fees, FeesSection)
    alpaca = settings.alpaca
    yield "alpaca.environment", alpaca.environment
    yield "alpaca.keys_file", "none" if alpaca.keys_file is None else str(alpaca.keys_file)
    yield "alpaca.suspend_when_halted", "true" if alpaca.suspend_when_halted else "false"
    for terms in settings.accounts:
        key = f"accounts.{terms.account}"
        yield from _fields(key, terms, AccountSection)
        yield from _fields(f"{key}.limits", settings.limits[terms.account], LimitsSection)
        for symbol, limit in settings.symbol_limits[terms.account].items():
            yield from _fields(f"{key}.symbols.{symbol}", limit, SymbolSection)
        for name, rule in settings.rules.get(terms.account, Rules()).armed().items():
            yield from _fields(f"{key}.rules.{name}", rule, without_none(RulesSection.model_fields[name].annotation))
    for scoped in settings.scoped_limits:
        owner = f"{scoped.account}." if scoped.scope in ("user", "strategy") else ""
        yield from _fields(f"{scoped.scope}.{owner}{scoped.scope_id}", scoped.limits, LimitsSection)
    for instrument in settings.instruments:
        yield from _fields(f"instruments.{instrument.instrument_id}", instrument, InstrumentSection)
    for override in settings.overrides:
        for name, value in override.changes.items():
            yield f"instruments.{override.name}.{name}", render(InstrumentSection, name, value)
    for market, days in settings.calendars.items():
        for day, hours in days.items():
            yield f"calendars.{market}.days.{day}.hours", render_hours(hours.spans)
            yield f"calendars.{market}.days.{day}.note", hours.note


def _fields(key: str, record: Struct, section: type[Section]) -> Iterator[tuple[str, str]]:
    for name in record.__struct_fields__:
        if name in section.model_fields:
            yield f"{key}.{name}", render(section, name, getattr(record, name))


def render(section: type[Section], name: str, value: object) -> str:
    """Return a value in the unit that its key has in the file."""
    metadata = section.model_fields[name].metadata
    reader = metadata[0].func if metadata else None
    return render_value(value, getattr(reader, "__wrapped__", reader))


def rules_shown(rules: Rules) -> dict[str, dict[str, str]]:
    """Return the terms of every rule that is set, in their human units."""
    return {
        name: {
            key.rpartition(".")[2]: text
            for key, text in _fields(name, terms, without_none(RulesSection.model_fields[name].annotation))
        }
        for name, terms in rules.armed().items()
    }
