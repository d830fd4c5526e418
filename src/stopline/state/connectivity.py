"""Which brokers are up. Whether an account is proven stands in its restrictions (`connection`, `mismatch`)."""

from msgspec import Struct

from stopline.model.capabilities import Capabilities
from stopline.model.numbers import Nanos


class BrokerStatus(Struct, gc=False, array_like=True):
    """One broker's session."""

    connected: bool = False
    since: Nanos = 0
    reason: str = ""
    capabilities: Capabilities | None = None
