"""What a Stopline runs on: plain, frozen, already checked. `bootstrap` takes this and nothing else.

`load.py` makes it from the shipped defaults and a person's file; the command line
replaces single fields.
"""

from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct, structs

from stopline.config.hidden import Hidden
from stopline.model.account import AccountTerms
from stopline.model.ids import AccountId
from stopline.model.instrument import Instrument
from stopline.model.limits import Limits, ScopeKind, SymbolLimit
from stopline.model.market_hours import LocalSpan
from stopline.model.numbers import Money
from stopline.model.rules import Rules


class Fees(Struct, frozen=True):
    """What the paper broker charges per unit filled."""

    per_share: Money = 0
    per_contract: Money = 0


class Alpaca(Struct, frozen=True):
    """Where Alpaca is, and where its keys are: in a file, else in the environment."""

    environment: str = "paper"
    """`paper`, `live`, or the address of a simulator on this machine."""
    keys_file: Path | None = None
    suspend_when_halted: bool = False
    """Whether Alpaca itself is to refuse new orders once an account is halted and flat."""

    @property
    def is_simulated(self) -> bool:
        """Whether it is neither of Alpaca's own."""
        return self.environment not in ("paper", "live")


class DoorBot(Struct, frozen=True):
    """A bot that may speak at a door: its own pair of keys, the secret known by its hash, and the account they open."""

    name: str
    key: str
    secret_hash: bytes
    """SHA-256 of the secret."""
    account: AccountId


class AlpacaDoor(Struct, frozen=True):
    """Where bots that speak to Alpaca speak to Stopline; shut while there are none."""

    host: str = "127.0.0.1"
    port: int = 8083
    bots: tuple[DoorBot, ...] = ()


class Market(Struct, frozen=True):
    """Where quotes come from: the synthetic market with a `seed`, a recorded file at `path`, or Alpaca."""

    source: str
    """As written: `synthetic:7`, `alpaca`, `none`, or a file's name."""
    seed: int | None = None
    path: Path | None = None
    speed: int = 1
    """How many seconds of the market pass in one of ours; 0 is as fast as it goes (recorded files only)."""

    @property
    def is_synthetic(self) -> bool:
        """Whether its prices are made up; a person must see that wherever he sees them."""
        return self.seed is not None

    @property
    def is_silent(self) -> bool:
        """Whether there are no prices at all."""
        return self.source == "none"

    @property
    def is_alpaca(self) -> bool:
        """Whether its prices are Alpaca's, with the keys and the environment of `alpaca`."""
        return self.source == "alpaca"


class HoursOverride(Struct, frozen=True):
    """A market's hours on one day, in place of the shipped calendar's. Without spans it is closed."""

    spans: tuple[LocalSpan, ...]
    note: str = ""


class ScopedLimits(Struct, frozen=True):
    """Limits of a firm, group, user or strategy. `account` is one account that belongs to the scope."""

    account: AccountId
    scope: ScopeKind
    scope_id: str
    limits: Limits


class InstrumentOverride(Struct, frozen=True):
    """Fields of `Instrument` that replace what the market source says of it.

    `name` is a canonical id, a product or a symbol.
    """

    name: str
    changes: dict[str, Any]

    def applies_to(self, instrument: Instrument) -> bool:
        """Return whether it speaks of this instrument."""
        return self.name in (instrument.instrument_id, instrument.product, instrument.symbol)


class Settings(Struct, frozen=True, kw_only=True):
    """All settings."""

    data_dir: Path
    host: str
    port: int
    market: Market
    accounts: tuple[AccountTerms, ...]
    limits: dict[AccountId, Limits]
    """Each account's own limits."""
    symbol_limits: dict[AccountId, dict[str, SymbolLimit]]
    """Per account, by symbol (or futures product)."""
    scoped_limits: tuple[ScopedLimits, ...] = ()
    rules: dict[AccountId, Rules] = {}
    """Each account's own rules."""
    instruments: tuple[Instrument, ...] = ()
    """Instruments to list beside those that the market source brings."""
    overrides: tuple[InstrumentOverride, ...] = ()
    calendars: dict[str, dict[str, HoursOverride]] = {}
    """Days of markets that are not as the shipped calendar has them, by market and `YYYY-MM-DD`."""
    fees: Fees = Fees()
    alpaca: Alpaca = Alpaca()
    alpaca_door: AlpacaDoor = AlpacaDoor()
    spool_path: Path | None = None
    """Where the spool lies, if not in the data directory."""
    log_level: str = "info"
    log_json: bool = False
    file: Path | None = None
    """The file they were read from, if there was one."""
    hidden: Hidden = ()
    """Which of them were filled from the environment (config/hidden.py)."""

    @property
    def source(self) -> str:
        """Where they come from, for people."""
        return "defaults" if self.file is None else str(self.file)

    def instrument(self, instrument: Instrument) -> Instrument:
        """Return an instrument with this installation's overrides, the later ones over the earlier."""
        for override in self.overrides:
            if override.applies_to(instrument):
                instrument = structs.replace(instrument, **override.changes)
        return instrument

    @property
    def version(self) -> str:
        """Twelve hex digits that stand for what these settings decide: accounts, limits, instruments, fees."""
        decisive = (
            self.accounts,
            self.limits,
            self.symbol_limits,
            self.scoped_limits,
            self.rules,
            self.instruments,
            self.overrides,
            self.fees,
            self.calendars,
        )
        return sha256(msgspec.msgpack.encode(decisive, order="sorted")).hexdigest()[:12]
