"""Opening and ending obligations: one of a kind at a time, the larger one taking the place of the smaller.

Source     semantics.md section 7; reliability.md I11.
"""

from collections.abc import Iterator

from msgspec import structs

from stopline.engine.enforce.locks import FLATTENING, place_lock
from stopline.engine.turn import Turn
from stopline.messages import events as e
from stopline.model.numbers import Price, Qty
from stopline.model.obligation import Obligation, ObligationKind, ObligationState
from stopline.state.account import AccountState


def owed(turn: Turn, account: AccountState) -> Iterator[Obligation]:
    """Yield what is open: in the state, or said in this round."""
    name = account.terms.account
    said = [event for event in turn.events if isinstance(event, e.ObligationOpened) and event.account == name]
    closed = {
        event.obligation_id for event in turn.events if isinstance(event, e.ObligationClosed) and event.account == name
    }
    yield from (each for each in account.obligations.values() if each.obligation_id not in closed)
    yield from (event.obligation for event in said if event.obligation.obligation_id not in closed)


def owe_flatten(turn: Turn, account: AccountState, cause: str, reason: str, actor: str = "engine") -> None:
    """Owe a flat account; what else is owed is part of it. No new risk until the broker says flat."""
    open_ones = list(owed(turn, account))
    if any(each.kind is ObligationKind.FLATTEN for each in open_ones):
        return
    for each in open_ones:
        end(turn, account, each, ObligationState.SUPERSEDED, "the account is flattened")
    place_lock(turn, account, FLATTENING, 0, f"{cause}: {reason}", actor)
    _open(turn, account, ObligationKind.FLATTEN, "", cause, reason, actor)


def owe_close(
    turn: Turn, account: AccountState, instrument_id: str, cause: str, reason: str, actor: str = "engine"
) -> None:
    """Owe a closed position; what else is owed of the instrument is part of it."""
    open_ones = list(owed(turn, account))
    if any(_covers(each, instrument_id) for each in open_ones):
        return
    for each in open_ones:
        if each.instrument_id == instrument_id:
            end(turn, account, each, ObligationState.SUPERSEDED, "the position is closed")
    _open(turn, account, ObligationKind.CLOSE, instrument_id, cause, reason, actor)


def owe_reduce(turn: Turn, account: AccountState, instrument_id: str, most: Qty, cause: str, reason: str) -> None:
    """Owe that no more than `most` of an instrument is held."""
    if most <= 0:
        owe_close(turn, account, instrument_id, cause, reason)
        return
    for each in list(owed(turn, account)):
        if _covers(each, instrument_id):
            return
        if each.kind is ObligationKind.REDUCE and each.instrument_id == instrument_id:
            if most < each.qty:
                turn.say(e.ObligationChanged(account.terms.account, structs.replace(each, qty=most)))
            return
    _open(turn, account, ObligationKind.REDUCE, instrument_id, cause, reason, "engine", qty=most)


def owe_protection(
    turn: Turn,
    account: AccountState,
    instrument_id: str,
    key: str,
    reason: str,
    *,
    stop_price: Price | None,
    target_price: Price | None,
    trail: Price | None,
) -> None:
    """Owe a stop or a target for what is bare of a position; a newer price takes the place of the older."""
    for each in list(owed(turn, account)):
        if _covers(each, instrument_id):
            return
        if each.kind is ObligationKind.ATTACH and each.key == key:
            moved = structs.replace(each, stop_price=stop_price, target_price=target_price, trail=trail)
            if moved != each:
                turn.say(e.ObligationChanged(account.terms.account, moved))
            return
    _open(
        turn, account, ObligationKind.ATTACH, instrument_id, "bracket", reason, "engine",
        key=key, stop_price=stop_price, target_price=target_price, trail=trail,
    )  # fmt: skip


def _covers(each: Obligation, instrument_id: str) -> bool:
    """Return whether an open obligation closes all of an instrument."""
    if each.kind is ObligationKind.FLATTEN:
        return True
    return each.kind is ObligationKind.CLOSE and each.instrument_id == instrument_id


def _open(
    turn: Turn,
    account: AccountState,
    kind: ObligationKind,
    instrument_id: str,
    cause: str,
    reason: str,
    actor: str,
    *,
    key: str = "",
    qty: Qty = 0,
    stop_price: Price | None = None,
    target_price: Price | None = None,
    trail: Price | None = None,
) -> None:
    obligation_id = turn.state.next_obligation_id + turn.obligations
    turn.obligations += 1
    made = Obligation(
        obligation_id, kind, instrument_id, cause, reason, actor, turn.at, key, qty,
        stop_price=stop_price, target_price=target_price, trail=trail,
    )  # fmt: skip
    turn.say(e.ObligationOpened(account.terms.account, made))


def change(turn: Turn, account: AccountState, before: Obligation, after: Obligation) -> None:
    """Say what changed, if anything did."""
    if after != before:
        turn.say(e.ObligationChanged(account.terms.account, after))


def end(turn: Turn, account: AccountState, each: Obligation, outcome: ObligationState, reason: str) -> None:
    """Say that an obligation ended."""
    turn.say(e.ObligationClosed(account.terms.account, each.obligation_id, outcome, reason, each))
