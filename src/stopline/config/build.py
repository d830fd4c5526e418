"""Checked sections, laid over one another, to settings."""

from collections.abc import Mapping as Mapped
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

from msgspec import Struct, convert, structs

from stopline.config.doors import alpaca_door
from stopline.config.errors import ConfigError, Place, Problem
from stopline.config.hidden import find_hidden
from stopline.config.rules_schema import RuleSection, RulesSection
from stopline.config.schema import (
    AccountSection,
    CalendarSection,
    FileSection,
    InstrumentSection,
    LimitsSection,
    MarketSection,
    SymbolSection,
)
from stopline.config.section import Section
from stopline.config.settings import Alpaca, Fees, HoursOverride, InstrumentOverride, Market, ScopedLimits, Settings
from stopline.config.tree import Listing, Mapping
from stopline.model.account import AccountTerms
from stopline.model.ids import AccountId
from stopline.model.instrument import AssetClass, Instrument
from stopline.model.limits import Limits, ScopeKind, SymbolLimit
from stopline.model.numbers import PRICE_ONE, QTY_ONE
from stopline.model.rules import TERMS, Rules

S = TypeVar("S", bound=Struct)
SYNTHETIC = "synthetic"
SILENT, ALPACA = "none", "alpaca"
DEFAULTS_NAME = "defaults"


def build(defaults: FileSection, given: FileSection | None, tree: Mapping | None, file: Path | None) -> Settings:
    """Return the settings of the defaults with a file laid over them; raises ConfigError."""
    layers = [defaults] if given is None else [defaults, given]
    base = Path() if file is None else file.parent
    top = _given(*layers)
    server, log = _given(*(layer.server for layer in layers)), _given(*(layer.log for layer in layers))
    accounts: tuple[AccountSection, ...] = top["accounts"]
    builder = _Builder(tree, str(file or DEFAULTS_NAME))
    data_dir = base / top["data_dir"] if given and "data_dir" in given.model_fields_set else Path(top["data_dir"])
    spool_path = top.get("spool_path")
    settings = Settings(
        data_dir=data_dir,
        spool_path=None if spool_path is None else base / spool_path,
        host=server["host"],
        port=server["port"],
        market=builder.market([layer.market for layer in layers], base),
        accounts=builder.terms(accounts, is_paper=_alpaca(layers, base).environment != "live"),
        limits=_account_limits(layers, accounts),
        symbol_limits=_symbol_limits(layers, accounts),
        rules=_account_rules(layers, accounts),
        scoped_limits=builder.scoped(top, accounts),
        instruments=builder.instruments(top.get("instruments", {})),
        overrides=builder.overrides(top.get("instruments", {})),
        calendars=builder.calendars(top.get("calendars", {})),
        fees=_over(Fees(), *(layer.fees for layer in layers)),
        alpaca=_alpaca(layers, base),
        alpaca_door=alpaca_door([layer.doors.alpaca for layer in layers], accounts, builder.refuse, builder.node),
        log_level=log["level"],
        log_json=log["format"] == "json",
        file=file,
        hidden=() if tree is None else find_hidden(tree),
    )
    if builder.problems:
        raise ConfigError(sorted(builder.problems))
    return settings


def _alpaca(layers: list[FileSection], base: Path) -> Alpaca:
    said = _given(*(layer.alpaca for layer in layers))
    keys_file = said.get("keys_file")
    return Alpaca(said["environment"], None if keys_file is None else base / keys_file, said["suspend_when_halted"])


def _given(*layers: Section) -> dict[str, Any]:
    """Return what the layers say, the later over the earlier."""
    merged: dict[str, Any] = {}
    for layer in layers:
        merged |= layer.given()
    return merged


def _over(base: S, *layers: Section) -> S:
    """Return `base` with what the layers say."""
    return structs.replace(base, **_given(*layers))


def _account_limits(layers: list[FileSection], accounts: tuple[AccountSection, ...]) -> dict[AccountId, Limits]:
    common = _over(Limits(), *(layer.limits for layer in layers))
    return {each.account: _over(common, each.limits) for each in accounts}


def _symbol_limits(
    layers: list[FileSection], accounts: tuple[AccountSection, ...]
) -> dict[AccountId, dict[str, SymbolLimit]]:
    return {each.account: _lay_symbols(*(layer.symbols for layer in layers), each.symbols) for each in accounts}


def _account_rules(layers: list[FileSection], accounts: tuple[AccountSection, ...]) -> dict[AccountId, Rules]:
    common = [layer.rules for layer in layers]
    return {each.account: build_rules(*common, each.rules) for each in accounts}


def build_rules(*layers: RulesSection) -> Rules:
    """Return the rules of some layers: one that a later layer sets, or takes out, goes before the earlier."""
    said: dict[str, Any] = {}
    for layer in layers:
        for name in layer.model_fields_set:
            section: RuleSection | None = getattr(layer, name)
            said[name] = None if section is None else convert(section.given(), TERMS[name])
    return Rules(**said)


def _lay_symbols(*layers: Mapped[str, SymbolSection]) -> dict[str, SymbolLimit]:
    limits: dict[str, SymbolLimit] = {}
    for layer in layers:
        for name, section in layer.items():
            limits[name] = _over(limits.get(name, SymbolLimit()), section)
    return {name: limit for name, limit in limits.items() if limit != SymbolLimit()}


class _Builder:
    """What needs more than one key to be judged, and where it stands."""

    def __init__(self, tree: Mapping | None, source: str) -> None:
        self._tree = tree
        self._source = source
        self.problems: list[Problem] = []

    def refuse(self, key: str, message: str, fix: str, *path: str | int) -> None:
        """Note what is wrong with a key, at its place in the file."""
        self.problems.append(Problem(self._place(path), key, message, fix))

    def node(self, *path: str | int) -> Any:
        """Return what stands at a place in the file, None where nothing does."""
        node: Any = self._tree
        for step in path:
            if isinstance(node, Mapping):
                entry = node.entries.get(str(step))
                node = None if entry is None else entry.node
            else:
                is_there = isinstance(node, Listing) and isinstance(step, int) and step < len(node.items)
                node = node.items[step] if is_there else None
        return node

    def _place(self, path: tuple[str | int, ...]) -> Place:
        node: Any = self._tree
        place = Place(self._source)
        for step in path:
            if isinstance(node, Mapping) and step in node.entries:
                place, node = node.entries[str(step)].place, node.entries[str(step)].node
            elif isinstance(node, Listing) and isinstance(step, int):
                node = node.items[step]
                place = node.place
        return place

    def market(self, layers: list[MarketSection], base: Path) -> Market:
        """Return the market, synthetic or recorded."""
        said = _given(*layers)
        try:
            return read_market(
                said["source"], said["speed"], base if "source" in layers[-1].model_fields_set else Path()
            )
        except ValueError as error:
            fix = "write synthetic:7, or the path of a recorded file"
            self.refuse("market.source", str(error), fix, "market", "source")
            return Market(said["source"])

    def terms(self, accounts: tuple[AccountSection, ...], *, is_paper: bool) -> tuple[AccountTerms, ...]:
        """Return what is fixed about each account. `is_paper`: no broker trades real money."""
        if not accounts:
            self.refuse("accounts", "is empty", "write at least one account", "accounts")
        seen: dict[str, int] = {}
        for index, section in enumerate(accounts):
            first = seen.setdefault(section.account, index)
            key = f"accounts[{index + 1}]"
            if first != index:
                message = f"is the name of accounts[{first + 1}] already"
                self.refuse(f"{key}.account", message, "give each account its own name", "accounts", index, "account")
            if section.maintenance_margin > section.initial_margin:
                message = "is above initial_margin"
                fix = "write a share at or below initial_margin"
                self.refuse(f"{key}.maintenance_margin", message, fix, "accounts", index, "maintenance_margin")
            if section.broker == "paper" and "opening_cash" not in section.model_fields_set:
                fix = "write what the account begins with, such as 100000.00"
                self.refuse(f"{key}.opening_cash", "is missing", fix, "accounts", index)
        return tuple(_terms(section, is_paper=is_paper or section.broker == "paper") for section in accounts)

    def scoped(self, top: dict[str, Any], accounts: tuple[AccountSection, ...]) -> tuple[ScopedLimits, ...]:
        """Return the limits of firms, groups, users and strategies."""
        scoped: list[ScopedLimits] = []
        for kind, plural in ((ScopeKind.FIRM, "firms"), (ScopeKind.GROUP, "groups")):
            for name, section in top.get(plural, {}).items():
                member = next((each for each in accounts if getattr(each, kind) == name), None)
                if member is None:
                    fix = f"write `{kind}: {name}` in an account, or take these limits out"
                    self.refuse(f"{plural}.{name}", f"no account is in this {kind}", fix, plural, name)
                else:
                    scoped.append(_scoped(member.account, kind, name, section))
        for each in accounts:
            scoped += [_scoped(each.account, ScopeKind.USER, *item) for item in each.users.items()]
            scoped += [_scoped(each.account, ScopeKind.STRATEGY, *item) for item in each.strategies.items()]
        return tuple(scoped)

    def instruments(self, sections: Mapped[str, InstrumentSection]) -> tuple[Instrument, ...]:
        """Return the instruments that the file lists itself: those that name their class."""
        listed = []
        for name, section in sections.items():
            if "asset_class" not in section.model_fields_set:
                continue
            wanted = ["tick_size"] + (["multiplier"] if section.asset_class is AssetClass.FUTURE else [])
            missing = [key for key in wanted if key not in section.model_fields_set]
            if name.count(":") < 1:
                fix = "name it by its canonical id, such as eq:US:AAPL or fut:ES:2026-12"
                self.refuse(f"instruments.{name}", "is no canonical id", fix, "instruments", name)
            elif missing:
                message = f"lacks {' and '.join(missing)}"
                fix = "write them, or leave out asset_class to change a known instrument"
                self.refuse(f"instruments.{name}", message, fix, "instruments", name)
            else:
                listed.append(_instrument(name, section))
        return tuple(listed)

    def overrides(self, sections: Mapped[str, InstrumentSection]) -> tuple[InstrumentOverride, ...]:
        """Return what the file changes about instruments that the market source brings."""
        return tuple(
            InstrumentOverride(name, section.given())
            for name, section in sections.items()
            if "asset_class" not in section.model_fields_set
        )

    def calendars(self, sections: Mapped[str, CalendarSection]) -> dict[str, dict[str, HoursOverride]]:
        """Return the days of markets on which the file knows better."""
        for market, section in sections.items():
            for day in section.days:
                if not _is_date(day):
                    key, fix = f"calendars.{market}.days.{day}", "write a day as 2026-11-27"
                    self.refuse(key, "is no date", fix, "calendars", market, "days", day)
        return {
            market: {day: HoursOverride(each.hours, each.note) for day, each in section.days.items()}
            for market, section in sections.items()
        }


def _is_date(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def read_market(source: str, speed: int, base: Path) -> Market:
    """Return a market from `synthetic:SEED`, `alpaca`, `none` or a file's name; raises ValueError."""
    if source in (SILENT, ALPACA):
        return Market(source, speed=speed)
    kind, _, seed = source.partition(":")
    if kind != SYNTHETIC:
        return Market(source, path=base / Path(source).expanduser(), speed=speed)
    if not (seed.isascii() and seed.isdigit() and len(seed) <= 18):
        raise ValueError("the synthetic market needs its seed, a whole number")
    return Market(source, seed=int(seed), speed=speed)


_BESIDE_TERMS = {"limits", "rules", "symbols", "strategies", "users"}


def _terms(section: AccountSection, *, is_paper: bool) -> AccountTerms:
    said = {name: getattr(section, name) for name in type(section).model_fields if name not in _BESIDE_TERMS}
    return AccountTerms(**said, paper=is_paper)


def _scoped(account: AccountId, kind: ScopeKind, name: str, section: LimitsSection) -> ScopedLimits:
    return ScopedLimits(account, kind, name, _over(Limits(), section))


def _instrument(name: str, section: InstrumentSection) -> Instrument:
    kind, _, rest = name.partition(":")
    parts = rest.split(":")
    base = Instrument(
        instrument_id=name,
        symbol=parts[-1],
        product=f"{kind}:{parts[0]}" if section.asset_class is AssetClass.FUTURE else name,
        asset_class=section.asset_class,
        currency=section.currency,
        tick_size=section.tick_size,
        lot_size=QTY_ONE,
        multiplier=PRICE_ONE,
    )
    return _over(base, section)
