"""Ids: made from (epoch, seq), never at random, so that a replay makes the same ones.

Source     semantics.md section 12 (ids); architecture.md promise 2.
"""

from typing import TypeAlias

AccountId: TypeAlias = str
InstrumentId: TypeAlias = str
"""Canonical, e.g. `eq:US:AAPL`, `fut:ES:2026-12`, `fx:EURUSD`, `cr:BTCUSD`."""
ClientOrderId: TypeAlias = str
"""FIX 11: the caller's own id of an order, unique per account, at most 128 characters."""
RoutedOrderId: TypeAlias = str
"""What brokers see: `sl<epoch>-<seq>`, with `.<n>` for the further orders of one decision."""

MAX_CLIENT_ORDER_ID = 128
CLOSE_ID = "close-"
EXTERNAL_ID = "external-"
ATTACH_ID = "attach-"
OWN_ID_PREFIXES = (CLOSE_ID, EXTERNAL_ID, ATTACH_ID)
"""So the engine names its closes, the protection it attaches and orders that it did not send: no caller may."""
OWN_ID_SUFFIXES = ("/take_profit", "/stop_loss")
"""Nor these: legs are named after their parents."""


def leg_id(parent: ClientOrderId, leg: str) -> ClientOrderId:
    """Return the id of a leg: its parent's with the leg's name."""
    return f"{parent}/{leg}"


def decision_id(epoch: int, seq: int) -> str:
    """Return the id of the decision that journal record `seq` holds."""
    return f"{epoch}-{seq}"


def routed_order_id(decision: str, index: int = 0) -> RoutedOrderId:
    """Return the id under which the `index`-th order of a decision goes to a broker."""
    return f"sl{decision}.{index}" if index else "sl" + decision
