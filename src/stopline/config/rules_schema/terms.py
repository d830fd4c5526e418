"""How the terms of account rules are read from text."""

from typing import Annotated, TypeAlias

from pydantic import PlainValidator

from stopline.config import rule_units, units
from stopline.model.breach import RuleScope
from stopline.model.limits import RateWindow
from stopline.model.market_hours import LocalSpan
from stopline.model.rules import ContractTier, LossTier

Bool: TypeAlias = Annotated[bool, PlainValidator(units.read_bool)]
Loss: TypeAlias = Annotated[int, PlainValidator(units.read_positive_money)]
Contracts: TypeAlias = Annotated[int, PlainValidator(units.read_ratio)]
QtyOrNone: TypeAlias = Annotated[int | None, PlainValidator(units.optional(units.read_qty))]
Products: TypeAlias = Annotated[dict[str, int], PlainValidator(rule_units.read_products)]
CountOrNone: TypeAlias = Annotated[int | None, PlainValidator(units.optional(units.read_count))]
TicksOrNone: TypeAlias = Annotated[int | None, PlainValidator(units.optional(rule_units.read_ticks))]
Grace: TypeAlias = Annotated[int, PlainValidator(rule_units.read_grace)]
DurationOrNone: TypeAlias = Annotated[int | None, PlainValidator(units.optional(units.read_duration))]
Windows: TypeAlias = Annotated[tuple[RateWindow, ...], PlainValidator(rule_units.read_rule_rates)]
MoneyOrNone: TypeAlias = Annotated[int | None, PlainValidator(units.optional(units.read_signed_money))]
LossOrNone: TypeAlias = Annotated[int | None, PlainValidator(units.optional(units.read_positive_money))]
Count: TypeAlias = Annotated[int, PlainValidator(units.read_count)]
Times: TypeAlias = Annotated[int, PlainValidator(rule_units.read_times)]
Ticks: TypeAlias = Annotated[int, PlainValidator(rule_units.read_ticks)]
Ratio: TypeAlias = Annotated[int, PlainValidator(units.read_ratio)]
Share: TypeAlias = Annotated[int, PlainValidator(rule_units.read_positive_share)]
ShareOrNone: TypeAlias = Annotated[int | None, PlainValidator(units.optional(rule_units.read_positive_share))]
Duration: TypeAlias = Annotated[int, PlainValidator(units.read_duration)]
WithinAnHour: TypeAlias = Annotated[int, PlainValidator(rule_units.read_rule_window)]
Window: TypeAlias = Annotated[RateWindow, PlainValidator(rule_units.read_rule_rate)]
Tiers: TypeAlias = Annotated[tuple[LossTier, ...], PlainValidator(rule_units.read_tiers)]
Hours: TypeAlias = Annotated[tuple[LocalSpan, ...], PlainValidator(units.read_hours)]
Weekdays: TypeAlias = Annotated[tuple[int, ...], PlainValidator(rule_units.read_weekdays)]
Patterns: TypeAlias = Annotated[tuple[str, ...], PlainValidator(units.read_patterns)]
Scope: TypeAlias = Annotated[RuleScope, PlainValidator(rule_units.read_rule_scope)]
ContractTiers: TypeAlias = Annotated[tuple[ContractTier, ...], PlainValidator(rule_units.read_contract_tiers)]
Buffer: TypeAlias = Annotated[int, PlainValidator(units.read_money)]
BufferTicks: TypeAlias = Annotated[int, PlainValidator(rule_units.read_ticks)]
