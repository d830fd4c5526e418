"""The whole of it: what `step` reads and `apply` changes."""

from msgspec import Struct, field

from stopline.model.ids import AccountId, InstrumentId
from stopline.model.instrument import Instrument
from stopline.model.numbers import Nanos
from stopline.state.account import AccountState, ScopeState
from stopline.state.connectivity import BrokerStatus
from stopline.state.lockouts import Breaker
from stopline.state.market import Market
from stopline.state.timers import Timer

STATE_SCHEMA = "6"
"""Change it whenever a durable record changes shape: an older snapshot is then replayed instead of read."""


class Booted(Struct, frozen=True, gc=False, array_like=True):
    """Engine time is the boot clock of `boot_id` and `offset`."""

    boot_id: str
    offset: Nanos


class State(Struct, gc=False, array_like=True):
    """Durable state, and beside it `market` and `is_live` (volatile)."""

    seq: int = 0
    at: Nanos = 0
    epoch: int = 0
    clock: str = ""
    boot_id: str = ""
    accounts: dict[AccountId, AccountState] = {}
    scopes: dict[str, ScopeState] = {}
    """`strategy:<account>:<id>`, `user:<account>:<id>`, `group:<id>`, `firm:<id>`."""
    instruments: dict[InstrumentId, Instrument] = {}
    symbols: dict[str, InstrumentId] = {}
    """A venue's symbol, or the canonical id itself, to the canonical id."""
    brokers: dict[str, BrokerStatus] = {}
    breakers: dict[int, Breaker] = {}
    timers: dict[str, Timer] = {}
    next_breaker_id: int = 1
    next_alert_id: int = 1
    next_proposal_id: int = 1
    next_obligation_id: int = 1
    clock_drift: Nanos = 0
    """How far the wall clock was moved against engine time since anybody trusted it."""
    booted: Booted | None = None
    """Where engine time stood against the boot clock; None where a person trusts the wall clock since."""
    store_failing: str = ""
    """Volatile: why the journal refuses appends."""
    market: Market = field(default_factory=Market)
    is_live: bool = False
    """Volatile: False while the journal is folded (nothing is valued then)."""
