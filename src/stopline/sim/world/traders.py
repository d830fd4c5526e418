"""People and bots: they ask the desk, remember every answer, and do what people do when things go wrong.

Each deed takes its numbers from its act and what there is to do it on from the state of the
moment. What the desk answered is kept, because it must never be taken back.
"""

from collections.abc import Callable
from typing import Final

from msgspec import structs

from stopline.messages import inputs as i
from stopline.messages.replies import Reply
from stopline.model.numbers import PRICE_ONE, QTY_ONE, SECOND, Price
from stopline.model.order import OrderClass, OrderType, Side, TimeInForce
from stopline.ports.desk import DeskUnavailable
from stopline.sim.world.market import Prices
from stopline.sim.world.people import risk_deed
from stopline.sim.world.plan import Act
from stopline.sim.world.process import Process
from stopline.state.account import AccountState
from stopline.state.orders import OrderRecord

TIMES: Final = (TimeInForce.DAY, TimeInForce.DAY, TimeInForce.GTC, TimeInForce.IOC)
Heard = Callable[[i.Input, Reply | DeskUnavailable], None]


class Traders:
    """All clients of all accounts."""

    def __init__(self, accounts: tuple[str, ...], prices: Prices, now: Callable[[], int], heard: Heard) -> None:
        self._accounts, self._prices, self._now, self.heard = accounts, prices, now, heard
        self._instruments = tuple(prices.marks)
        self._sent: list[i.SubmitOrder] = []
        self.asked = self.answered = 0

    def act(self, act: Act, process: Process) -> list[i.Input]:
        """Do a deed; return what was asked."""
        state = None if process.system is None else process.system.loop.state
        account = None if state is None else state.accounts.get(self._accounts[act.account])
        if account is None:
            return []
        asks = self._deed(act, account)
        for message in asks:
            self.ask(process, message)
        return asks

    def ask(self, process: Process, message: i.Input) -> None:
        """Hand a message to the desk, and wait for the answer."""
        if process.is_open:
            self.asked += 1
            process.call(lambda: process.do(self._wait(process, message)))

    async def _wait(self, process: Process, message: i.Input) -> None:
        assert process.system is not None
        try:
            reply: Reply | DeskUnavailable = await process.system.desk.ask(message)
        except DeskUnavailable as refusal:
            reply = refusal
        self.answered += 1
        self.heard(message, reply)

    # --- deeds -----------------------------------------------------------------------------------------

    def _deed(self, act: Act, account: AccountState) -> list[i.Input]:
        n, name = act.numbers, self._accounts[act.account]
        live = list(account.live.values())
        if act.deed in ("replace", "race", "crowd"):
            live = [each for each in live if each.is_at_broker] or live
        order = live[n[0] % len(live)] if live else None
        match act.deed:
            case "entry" | "market entry" | "bracket" | "stop entry" | "at the limit" | "trail":
                return [self._entry(act)]
            case "burst":
                return [self._entry(act, f"-{number}") for number in range(8)]
            case "crowd":
                return self._crowd(act, order, live)
            case "locked":
                lock = i.LockOut(account=name, until=self._now() + 600 * SECOND, reason="simulated", actor="ann")
                return [lock, self._entry(act), *self._protect(act, account)]
            case "close":
                return [i.ClosePosition(account=name, symbol=self._instruments[act.instrument])]
            case "protect" | "oco":
                return self._protect(act, account)
            case "cancel" | "cancel all" | "race" | "replace":
                return self._change(act, order, live)
            case "repeat" | "other body":
                return self._repeat(act)
            case _:
                return risk_deed(act, account, self._now())

    def _entry(self, act: Act, suffix: str = "") -> i.SubmitOrder:
        n, instrument_id = act.numbers, self._instruments[act.instrument]
        side = Side.BUY if n[1] % 2 else Side.SELL
        size = 1 + n[2] % 6 if act.deed != "at the limit" else 20
        price, away = self._near(instrument_id, n[3] % 13 - 6), 3 + n[4] % 10
        message = i.SubmitOrder(
            account=self._accounts[act.account],
            client_order_id=f"c{act.no}{suffix}",
            symbol=instrument_id,
            side=side,
            order_qty=size * QTY_ONE,
            order_type=OrderType.LIMIT,
            limit_price=price,
            time_in_force=TIMES[n[5] % len(TIMES)],
            client=f"bot{n[5] % 3}",
        )
        if act.deed == "market entry":
            message = structs.replace(message, order_type=OrderType.MARKET, limit_price=None)
        elif act.deed == "stop entry":
            stop = self._near(instrument_id, away if side is Side.BUY else -away)
            message = structs.replace(
                message, order_type=OrderType.STOP, limit_price=None, stop_price=stop, time_in_force=TimeInForce.DAY
            )
        elif act.deed == "trail":
            message = structs.replace(
                message, order_type=OrderType.TRAILING_STOP, limit_price=None, time_in_force=TimeInForce.DAY,
                trail_amount=away * self._tick(instrument_id),
            )  # fmt: skip
        elif act.deed == "bracket":
            sign = 1 if side is Side.BUY else -1
            message = structs.replace(
                message, order_class=OrderClass.BRACKET, time_in_force=TimeInForce.DAY,
                take_profit=price + sign * (6 + away) * self._tick(instrument_id),
                stop_loss=price - sign * (6 + away) * self._tick(instrument_id),
            )  # fmt: skip
        self._sent = [*self._sent[-50:], message]
        return message

    def _crowd(self, act: Act, order: OrderRecord | None, live: list[OrderRecord]) -> list[i.Input]:
        """Let several clients of one account ask at once: three under one id, and two of one order."""
        first = self._entry(act)
        asks: list[i.Input] = [structs.replace(first, client=f"bot{number}") for number in (3, 4)]
        asks.append(structs.replace(first, client="bot5", order_qty=first.order_qty + QTY_ONE))
        return (
            [*self._change(structs.replace(act, deed="race"), order, live), first, *asks] if order else [first, *asks]
        )

    def _protect(self, act: Act, account: AccountState) -> list[i.Input]:
        held = [position for position in account.positions.values() if position.qty]
        if not held:
            return [self._entry(act)]
        position, n = held[act.numbers[0] % len(held)], act.numbers
        side, sign = (Side.SELL, 1) if position.qty > 0 else (Side.BUY, -1)
        stop = self._near(position.instrument_id, -sign * (2 + n[1] % 10))
        message = i.SubmitOrder(
            account=account.terms.account,
            client_order_id=f"p{act.no}",
            symbol=position.instrument_id,
            side=side,
            order_qty=max(abs(position.qty) // QTY_ONE // (1 + n[2] % 2), 1) * QTY_ONE,
            order_type=OrderType.STOP,
            stop_price=stop,
            time_in_force=TimeInForce.GTC,
        )
        if act.deed == "oco":
            limit = self._near(position.instrument_id, sign * (2 + n[3] % 10))
            message = structs.replace(
                message, order_type=OrderType.LIMIT, limit_price=limit, stop_price=None, stop_loss=stop,
                order_class=OrderClass.OCO,
            )  # fmt: skip
        return [message]

    def _change(self, act: Act, order: OrderRecord | None, live: list[OrderRecord]) -> list[i.Input]:
        if order is None:
            return [self._entry(act)]
        account = order.request.account
        cancel = i.CancelOrder(account=account, client_order_id=order.client_order_id)
        if act.deed == "cancel":
            return [cancel]
        if act.deed == "cancel all":
            return [i.CancelOrder(account=account, client_order_id=each.client_order_id) for each in live]
        replace = self._replace(act, order, act.numbers[1])
        return [replace] if act.deed == "replace" else [replace, cancel, self._replace(act, order, act.numbers[4])]

    def _replace(self, act: Act, order: OrderRecord, number: int) -> i.Input:
        ticks, name = number % 9 - 4, order.request.instrument_id
        tick = self._tick(name)
        limit = None if order.limit_price is None else order.limit_price + ticks * tick
        if limit is not None and number % 2:
            limit = self._near(name, ticks)  # where it may trade at once
        return i.ReplaceOrder(
            account=order.request.account,
            client_order_id=order.client_order_id,
            order_qty=max(order.order_qty + (number % 5 - 2) * QTY_ONE, QTY_ONE) if number % 3 else None,
            limit_price=limit,
            stop_price=None if order.stop_price is None else order.stop_price + ticks * tick,
        )

    def _repeat(self, act: Act) -> list[i.Input]:
        if not self._sent:
            return [self._entry(act)]
        message = self._sent[act.numbers[0] % len(self._sent)]
        if act.deed == "repeat":
            return [message] * (1 + act.numbers[1] % 3)
        return [structs.replace(message, order_qty=message.order_qty + QTY_ONE)]

    def _near(self, instrument_id: str, ticks: int) -> Price:
        price = self._prices.mid(instrument_id, self._now()) + ticks * self._tick(instrument_id)
        return price if self._prices.marks[instrument_id].instrument.price_may_be_negative else max(price, PRICE_ONE)

    def _tick(self, instrument_id: str) -> Price:
        return self._prices.marks[instrument_id].instrument.tick_size
