"""Alpaca's ids are UUIDs: ours are made from what they stand for, so that they are the same after a restart."""

from typing import Final
from uuid import UUID, uuid4, uuid5

from stopline.model.ids import AccountId, ClientOrderId, InstrumentId

_SPACE: Final = UUID("5a1b7c5e-0d0f-4c6b-9d5a-a1baca000001")


def account_uuid(account: AccountId) -> str:
    """Return an account's id."""
    return str(uuid5(_SPACE, f"account\0{account}"))


def order_uuid(account: AccountId, client_order_id: ClientOrderId) -> str:
    """Return an order's id. It keeps it when it is replaced."""
    return str(uuid5(_SPACE, f"order\0{account}\0{client_order_id}"))


def asset_uuid(instrument_id: InstrumentId) -> str:
    """Return an instrument's id."""
    return str(uuid5(_SPACE, f"asset\0{instrument_id}"))


def execution_uuid(account: AccountId, exec_id: str) -> str:
    """Return an execution's id."""
    return str(uuid5(_SPACE, f"execution\0{account}\0{exec_id}"))


def new_client_order_id() -> ClientOrderId:
    """Return an id for an order that came without one: of that request alone, as with Alpaca itself."""
    return str(uuid4())
