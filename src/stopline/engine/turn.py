"""One turn of the engine: what came in, when, under which seq, and what has been said so far."""

from msgspec import Struct

from stopline.messages.events import AlertRaised, Event
from stopline.messages.replies import Refused, Reply
from stopline.model.ids import AccountId
from stopline.model.numbers import Nanos
from stopline.state.account import AccountState
from stopline.state.state import State


class Turn(Struct, gc=False):
    """Deciders read `state` and say events; only `apply` changes it, once they have returned."""

    state: State
    at: Nanos
    seq: int
    """Of the record that this turn makes, if it says anything."""
    events: list[Event] = []
    reply: Reply | None = None
    alerts: int = 0
    """Alerts said but not yet applied: their ids follow the state's counter."""

    unsettled: dict[AccountId, None] = {}
    """Accounts whose held orders have to be looked at once nothing else happens."""
    unjudged: dict[AccountId, None] = {}
    """Accounts that something happened to in this step: their rules are asked once nothing else happens."""
    sampled: dict[AccountId, None] = {}
    """Accounts whose prices and P&L of this step are kept already."""
    is_quote_seen: bool = False
    """Whether the holders of the instrument of this step's quote were looked at."""
    pictured: AccountId = ""
    """The account whose whole picture the broker has just given, and that agrees with ours."""
    obligations: int = 0
    """Obligations opened and not yet applied: their ids follow the state's counter."""
    breakers: int = 0
    """Breakers tripped and not yet applied: one quote may trip those of many accounts."""
    canceling: dict[tuple[AccountId, str], None] = {}
    """Orders whose end was said and is not yet applied: two causes at once end an order once."""
    orders: int = 0
    """Decisions on orders that this record holds already."""

    def take_index(self) -> int:
        """Return the how-manieth order of the record the next one is."""
        self.orders += 1
        return self.orders - 1

    def say(self, *events: Event) -> None:
        """Add facts to the record."""
        self.events.extend(events)

    def alert(self, account: AccountId, alert_type: str, severity: str, message: str, symbol: str = "") -> None:
        """Add an alert to the record."""
        alert_id = self.state.next_alert_id + self.alerts
        self.alerts += 1
        self.events.append(AlertRaised(alert_id, account, alert_type, severity, symbol, message))

    def refuse(self, code: str, message: str, fix: str = "", orders: tuple[str, ...] = ()) -> None:
        """Answer that it was not done."""
        self.reply = Refused(code, message, fix, orders)

    def account(self, account_id: AccountId) -> AccountState | None:
        """Return the account, or refuse."""
        account = self.state.accounts.get(account_id)
        if account is None:
            known = ", ".join(sorted(self.state.accounts)) or "none"
            self.refuse("unknown_account", f"there is no account {account_id!r}", f"accounts here: {known}")
        return account
