"""Deny an order that is not an order: nothing could judge it, or the broker would not take it.

Measures   the order against its instrument's terms (tick, lot, sizes, sign of the price), against
           itself (prices that its type needs, expiry, legs, how it ends) and against what the broker takes.
Boundary   exactly min_qty and max_qty pass; an expiry must lie after now.
Exits      bound, for a malformed exit would be rejected anyway. But an exit of the whole position
           is held by no lot, minimum or maximum, and no exit by an option or a missing rate.
No data    an unknown instrument is denied. While the broker has not said what it takes, that part
           is left to `connection`.
Source     semantics.md sections 5 (1), 1 (numbers) and 12 (2**63); reliability.md F39, F40 and I22.

It says only one thing at a time: the first that is wrong. It does not look at the market:
an absurd price is `price_collar`'s.
"""

from typing import ClassVar, Final, Self

from stopline.checks.base import Armament, Candidate, Check
from stopline.checks.order_well_formed.defects import Defect
from stopline.checks.order_well_formed.legs import class_defect
from stopline.checks.order_well_formed.plain import is_plain, plain_times
from stopline.checks.order_well_formed.prices import off_tick_reason, price_defect
from stopline.checks.order_well_formed.quantities import qty_defect
from stopline.checks.order_well_formed.sentences import SENTENCES, facts
from stopline.checks.order_well_formed.terms import terms_defect
from stopline.checks.order_well_formed.times import end_defect, time_defect
from stopline.model.capabilities import Capabilities
from stopline.model.ending import unfit_end
from stopline.model.instrument import AssetClass, Instrument
from stopline.model.legs import misfit
from stopline.model.order import OrderRequest, TimeInForce
from stopline.model.routing import can_route, can_time
from stopline.model.unknown_symbol import unknown_symbol
from stopline.model.verdict import Unit
from stopline.state.view import AccountView

_OPTION: Final = AssetClass.OPTION


class OrderWellFormed(Check, frozen=True, gc=False):
    """Observes the number of the first defect found, 0 for none.

    `OrderWellFormed()` with nothing said is enough to explain an unknown instrument.
    """

    limit: int = 0
    currency: str = ""
    capabilities: Capabilities | None = None
    plain_times: tuple[TimeInForce, ...] = ()
    """For which a plain limit order may stand here; empty where there can be no plain one."""

    name: ClassVar[str] = "order_well_formed"
    unit: ClassVar[Unit] = Unit.STATE
    binds_exits: ClassVar[bool] = True

    @classmethod
    def arm(cls, armament: Armament) -> Self:
        """Armed always."""
        currency, offer = armament.terms.currency, armament.capabilities
        return cls(0, currency, offer, plain_times(armament.instrument, currency, offer))

    def observe(self, order: Candidate, account: AccountView) -> int:
        """Return the first defect, or 0."""
        instrument = order.instrument
        if instrument is None:
            return Defect.UNKNOWN_INSTRUMENT
        request = order.request
        if request.time_in_force in self.plain_times and is_plain(order, request, instrument):
            return 0
        return self.first_defect(order, request, instrument)

    def first_defect(self, order: Candidate, request: OrderRequest, instrument: Instrument) -> int:
        """Return the first defect, or 0, looking at everything."""
        return (
            self._kind_defect(order, request, instrument)
            or qty_defect(order, request, instrument)
            or terms_defect(request)
            or price_defect(request, instrument)
            or class_defect(order, request)
            or time_defect(order, request)
            or end_defect(order, request)
            or self._broker_defect(request)
        )

    def _kind_defect(self, order: Candidate, request: OrderRequest, instrument: Instrument) -> int:
        if instrument.asset_class is _OPTION and not order.is_reducing:
            return Defect.OPTION
        if instrument.currency != self.currency and not order.is_reducing:
            return Defect.NO_RATE
        if request.currency and request.currency != instrument.currency:
            return Defect.WRONG_CURRENCY
        if request.reduce_only and not order.is_reducing:
            return Defect.NOT_REDUCING
        return 0

    def _broker_defect(self, request: OrderRequest) -> int:
        offer = self.capabilities
        if offer is None:
            return 0
        if not can_route(request.order_type, offer):
            return Defect.BROKER_ORDER_TYPE
        if not can_time(request.time_in_force, offer):
            return Defect.BROKER_TIME_IN_FORCE
        if request.extended_hours and not offer.extended_hours:
            return Defect.BROKER_EXTENDED_HOURS
        return 0

    def reason(self, observed: int | None, order: Candidate) -> str:
        """Return what is wrong, and what would be right."""
        if not observed:
            return "the order is well formed"
        defect = Defect(observed)
        if defect is Defect.OFF_TICK:
            return off_tick_reason(order)
        if defect is Defect.LEGS_UNFIT:
            return misfit(order.request)
        if defect is Defect.END_UNFIT:
            return unfit_end(order.request)
        if defect is Defect.UNKNOWN_INSTRUMENT:
            return unknown_symbol(order.symbol or order.request.instrument_id, order.instruments)
        return SENTENCES[defect].format_map(facts(order, self.currency, self.capabilities))
