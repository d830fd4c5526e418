"""How large a world is, what is listed in it, and on which terms its accounts trade."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from msgspec import Struct

from stopline.config.settings import Market, Settings
from stopline.model.account import AccountTerms, LotMethod
from stopline.model.ids import AccountId
from stopline.model.instrument import AssetClass, Instrument
from stopline.model.limits import Limits, RateWindow
from stopline.model.numbers import PRICE_ONE, QTY_ONE, SECOND, Money, Price
from stopline.model.rules import (
    CooldownAfterLossTerms,
    DailyRealizedLossTerms,
    DailyUnrealizedLossTerms,
    LossTier,
    MaxContractsPerInstrumentTerms,
    Rules,
    StopLossGraceTerms,
)
from stopline.sim.world.plan import BEGINS_AT, HOUR, MINUTE
from stopline.venue.equities import equity
from stopline.venue.futures import future

BROKER: Final = "simulated"
ALPACA: Final = "alpaca"
PAPER: Final = "paper"
CASH: Final = 10_000_000 * PRICE_ONE
LIMITS: Final = Limits(
    max_order_qty=20 * QTY_ONE,
    max_position_qty=20 * QTY_ONE,
    order_rate=(RateWindow(6, SECOND),),
    reject_burst=RateWindow(5, 60 * SECOND),
    breaker_expiry=HOUR,
    quote_max_age=60 * SECOND,
    self_match=True,
    short_sale=True,
    money_classes=(AssetClass.EQUITY,),
)


RULES: Final = Rules(
    daily_realized_loss=DailyRealizedLossTerms(loss_limit=600 * PRICE_ONE),
    daily_unrealized_loss=DailyUnrealizedLossTerms(loss_limit=150 * PRICE_ONE),
    cooldown_after_loss=CooldownAfterLossTerms(tiers=(LossTier(50 * PRICE_ONE, 10 * MINUTE),)),
    max_contracts_per_instrument=MaxContractsPerInstrumentTerms(products={"fut:MCL": 12 * QTY_ONE}),
    stop_loss_grace=StopLossGraceTerms(grace=30 * MINUTE),
)
"""What every other account is watched by."""
SHARES: Final = (("AAPL", 175 * PRICE_ONE), ("TSLA", 250 * PRICE_ONE))
OIL: Final = 60 * PRICE_ONE


class Scale(Struct, frozen=True):
    """How large a world is."""

    days: int = 1
    mix: str = "mix"
    accounts: int = 2
    acts_a_day: int = 60
    troubles_a_day: int = 4
    broker: str = BROKER
    """`simulated`; `paper`, the production paper broker; or `alpaca`, the production adapter, with one account."""

    @property
    def names(self) -> tuple[AccountId, ...]:
        """The accounts."""
        return tuple(f"A{number}" for number in range(1, self.accounts + 1))


def listed(scale: Scale) -> list[tuple[Instrument, Price]]:
    """Return what is traded, and where its price begins. Alpaca trades shares only."""
    shares = [(equity(symbol), price) for symbol, price in SHARES]
    return shares if scale.broker == ALPACA else [*shares, (future("MCL", 2026, 12, BEGINS_AT), OIL)]


def account_terms(scale: Scale, cash: Money) -> tuple[AccountTerms, ...]:
    """Return the terms of all accounts; every other one is of a group."""
    lots = LotMethod.AVERAGE
    return tuple(
        AccountTerms(name, scale.broker, opening_cash=cash, lot_method=lots, group="desk" if number % 2 else "")
        for number, name in enumerate(scale.names)
    )


def make_settings(accounts: Sequence[AccountTerms], limits: Limits, rules: Rules) -> Settings:
    """Return what every process of a world is given."""
    return Settings(
        data_dir=Path("simulated"),
        host="",
        port=0,
        market=Market("simulated"),
        accounts=tuple(accounts),
        limits={each.account: limits for each in accounts},
        symbol_limits={},
        rules={each.account: rules for number, each in enumerate(accounts) if number % 2 == 0},
    )
