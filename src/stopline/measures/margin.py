"""Initial margin of a worst case.

Source     semantics.md sections 5 (14, `buying_power`) and 12 (paper account).
"""

from stopline.model.account import AccountTerms
from stopline.model.instrument import AssetClass, Instrument
from stopline.model.numbers import QTY_ONE, RATIO_ONE, Money, Qty, Ratio


def cash_class_margin(worst: Money, ratio: Ratio) -> Money:
    """Return worst-case money times the initial ratio, rounded up."""
    return -(-worst * ratio // RATIO_ONE)


def futures_margin(worst_qty: Qty, per_contract: Money) -> Money:
    """Return worst-case contracts times the margin of one, rounded up."""
    return -(-worst_qty * per_contract // QTY_ONE)


def weighted_contracts(worst_qty: Qty, weight: Ratio) -> Ratio:
    """Return contracts in full-size equivalents (1e-6): ten micros of weight 0.1 are one."""
    return -(-worst_qty * weight // QTY_ONE)


def initial_ratio(terms: AccountTerms, instrument: Instrument) -> Ratio:
    """Return the initial margin ratio of a cash class in this account; all of it without margin, and for crypto."""
    if terms.margin_account and instrument.asset_class is not AssetClass.CRYPTO:
        return terms.initial_margin
    return RATIO_ONE


def maintenance_margin(terms: AccountTerms, instrument: Instrument, qty: Qty, value: Money) -> Money | None:
    """Return what must be kept for a position worth `value`, rounded up; None for a future of unknown margin."""
    if instrument.asset_class is AssetClass.FUTURE:
        each = instrument.maintenance_margin
        return None if each is None else futures_margin(abs(qty), each)
    is_margined = terms.margin_account and instrument.asset_class is not AssetClass.CRYPTO
    return cash_class_margin(abs(value), terms.maintenance_margin if is_margined else RATIO_ONE)
