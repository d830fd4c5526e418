"""The runtime, about its journal and its disk."""

from typing import TypeAlias

from stopline.messages.inputs.base import BaseInput


class StoreFailing(BaseInput, frozen=True, gc=False):
    """The journal refuses appends (`reason`), or works again (empty)."""

    reason: str


class SpoolRecovered(BaseInput, frozen=True, gc=False):
    """The journal has taken the records that the spool kept for it while it refused."""

    first_seq: int
    last_seq: int
    reason: str
    torn: bool = False
    """Whether an entry behind them was cut off before it was finished."""


class DiskFilling(BaseInput, frozen=True, gc=False):
    """Less of the disk is free than there should be."""

    severity: str
    message: str


StoreInput: TypeAlias = StoreFailing | SpoolRecovered | DiskFilling
