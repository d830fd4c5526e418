"""The broker itself refuses orders only while the account is halted, flat and without orders."""

import asyncio

import pytest

from stopline.model.account import SEVERITY, AccountTerms, TradingState
from stopline.model.numbers import QTY_ONE
from stopline.ports.broker import SendOutcomeUnknown
from stopline.runtime.last_line import LastLine
from stopline.state.account import AccountState
from stopline.state.positions import Position
from stopline.state.state import State


class Broker:
    is_suspended = False

    def __init__(self) -> None:
        self.told: list[bool] = []
        self.failures = 0

    async def suspend(self, is_suspended: bool) -> None:
        self.told.append(is_suspended)
        if self.failures:
            self.failures -= 1
            raise SendOutcomeUnknown("lost")
        self.is_suspended = is_suspended


def make(state: TradingState, held: int = 0) -> State:
    account = AccountState(AccountTerms("A1", "alpaca"), severity=SEVERITY[state])
    account.positions["eq:US:AAPL"] = Position("eq:US:AAPL", qty=held * QTY_ONE)
    return State(accounts={"A1": account})


@pytest.mark.parametrize(
    ("state", "held", "wanted"),
    [
        (TradingState.HALTED, 0, True),
        (TradingState.HALTED, 1, False),
        (TradingState.HALTED, -1, False),
        (TradingState.CANCEL_ONLY, 0, False),
        (TradingState.ACTIVE, 0, False),
    ],
)
def test_only_when_halted_and_flat(state, held, wanted):
    assert LastLine(Broker(), "A1", lambda: make(state, held)).is_wanted() is wanted


async def test_it_is_told_until_it_is_taken_and_taken_back(monkeypatch):
    broker, now = Broker(), [make(TradingState.HALTED)]
    broker.failures = 2
    line = LastLine(broker, "A1", lambda: now[0], retry_s=0)
    running = asyncio.ensure_future(line.run())
    async with asyncio.timeout(60):
        while not broker.is_suspended:
            await asyncio.sleep(0)
        now[0] = make(TradingState.ACTIVE)
        line.hear(1, 1, ())
        while broker.is_suspended:
            await asyncio.sleep(0)
    running.cancel()
    assert broker.told == [True, True, True, False]
