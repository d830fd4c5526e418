"""Trading days of accounts: from reset to reset in the account's zone, named `YYYY-MM-DD`; all instants are UTC."""

from msgspec import Struct

from stopline.model.numbers import Nanos


class Session(Struct, frozen=True, gc=False, array_like=True):
    """One trading day of one account, with the UTC instants the runtime computed and from which tzdata."""

    session_id: str
    """`YYYY-MM-DD`, the day on which the trading day ends."""
    opens_at: Nanos
    resets_at: Nanos
    tzdata: str
