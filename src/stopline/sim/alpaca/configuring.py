"""What the account's owner may set."""

from typing import Final

from msgspec import structs

from stopline.dialects.alpaca.account import Configurations
from stopline.dialects.alpaca.errors import Refused
from stopline.dialects.alpaca.refusals import invalid

MULTIPLIERS: Final = ("1", "2", "4")
EMAILS: Final = ("all", "none")


def configured(now: Configurations, change: Configurations) -> Configurations:
    """Return the configurations after a change; what it leaves out stays. Raises Refused."""
    if change.max_margin_multiplier not in (None, *MULTIPLIERS):
        raise Refused(invalid(f"max_margin_multiplier must be one of {', '.join(MULTIPLIERS)}"))
    if change.trade_confirm_email not in (None, *EMAILS):
        raise Refused(invalid(f"trade_confirm_email must be one of {', '.join(EMAILS)}"))
    said = {name: value for name, value in structs.asdict(change).items() if value is not None}
    return structs.replace(now, **said)
