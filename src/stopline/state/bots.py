"""Who promised to say that he lives, and whether he went silent."""

from msgspec import Struct

from stopline.model.numbers import Nanos


class Bot(Struct, frozen=True, gc=False, array_like=True):
    """One bot: `strategy:<name>` or `client:<name>`. When it was heard last is volatile (state/market.py)."""

    bot: str
    timeout: Nanos
    is_silent: bool = False
