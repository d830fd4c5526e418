"""Rules over what is held: how much, of what, on how much margin."""

from pydantic import model_validator

from stopline.config.rules_schema.base import RuleSection, one_of_these
from stopline.config.rules_schema.terms import Contracts, ContractTiers, Patterns, Products, QtyOrNone, Ratio


class MaxContractsSection(RuleSection):
    """[max_contracts](rules/max_contracts.md): the most futures contracts held; a micro counts a tenth."""

    limit: Contracts
    tiers: ContractTiers = ()


class MaxContractsPerInstrumentSection(RuleSection):
    """[max_contracts_per_instrument](rules/max_contracts_per_instrument.md): for all, or for single products."""

    limit: QtyOrNone = None
    products: Products = {}

    @model_validator(mode="after")
    def _says_something(self) -> "MaxContractsPerInstrumentSection":
        one_of_these(self, "limit", "products")
        return self


class SymbolBlockSection(RuleSection):
    """[symbol_block](rules/symbol_block.md)."""

    blocked: Patterns

    @model_validator(mode="after")
    def _says_something(self) -> "SymbolBlockSection":
        one_of_these(self, "blocked")
        return self


class MarginCallSection(RuleSection):
    """[margin_call](rules/margin_call.md): the buffer is a share of the maintenance margin."""

    buffer: Ratio = 0
