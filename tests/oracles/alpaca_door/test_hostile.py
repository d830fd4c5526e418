"""Bots that do not behave, answers that get lost, and a door that goes away in mid-day."""

import asyncio
import socket
import threading
from contextlib import contextmanager

import pytest

from tests.doors import run_stopline, secret_of
from tests.oracles.alpaca.sdk import APIError, TradingClient, r
from tests.oracles.alpaca_door.stage import Stage, limits_yaml, run_stage, settings_for, wait_status
from tests.sims import run_sim, wait_until

BUY = {"symbol": "AAPL", "qty": 1, "side": "buy", "time_in_force": "day"}


def test_a_504_of_the_broker_after_it_took_the_order_is_one_order(stage, bot):
    stage.sim.fault("gateway_timeout", method="POST", path="/v2/orders")
    order = bot.submit_order(r.LimitOrderRequest(**BUY, limit_price=150))
    wait_status(bot, order.id, "new")
    with stage.at_alpaca() as alpaca:
        assert len(alpaca.get_orders()) == 1
    assert stage.sim.hits() == [1]


class LosesAnswers:
    """A proxy in front of the door that hands a request on, and says 504 in place of the first answers."""

    def __init__(self, port: int, lost: int) -> None:
        self.lost, self._port = lost, port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self.answers: list[bytes] = []
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()))

    @contextmanager
    def running(self):
        self._loop: asyncio.AbstractEventLoop
        ready = threading.Event()
        self._ready = ready
        self._thread.start()
        assert ready.wait(10)
        try:
            yield self
        finally:
            self._loop.call_soon_threadsafe(self._stop.set)
            self._thread.join(10)

    async def _serve(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        server = await asyncio.start_server(self._pass_on, sock=self._listener)
        self._ready.set()
        await self._stop.wait()
        server.close()

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = next(int(line.split(b":")[1]) for line in head.lower().split(b"\r\n") if b"content-length" in line)
        body = await reader.readexactly(length)
        inner, outer = await asyncio.open_connection("127.0.0.1", self._port)
        outer.write(head.replace(b"keep-alive", b"close") + body)
        answer = await inner.read()
        self.answers.append(answer)
        if len(self.answers) <= self.lost:
            answer = b"HTTP/1.1 504 Gateway Timeout\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"
        writer.write(answer)
        await writer.drain()
        for each in (writer, outer):
            each.close()


def test_a_504_on_the_way_back_makes_the_client_send_again_and_there_is_one_order(stage, bot):
    port = int(stage.stopline.alpaca_url.rpartition(":")[2])
    with LosesAnswers(port, lost=2).running() as proxy:
        client = TradingClient("SLONE", secret_of("one"), url_override=proxy.url)
        client._retry_wait = 0
        order = client.submit_order(r.LimitOrderRequest(**BUY, limit_price=150, client_order_id="sent thrice"))
        client._session.close()
    assert len(proxy.answers) == 3
    assert len({answer.partition(b"\r\n\r\n")[2] for answer in proxy.answers}) == 1
    wait_status(bot, order.id, "new")
    assert [each.client_order_id for each in bot.get_orders()] == ["sent thrice"]
    with stage.at_alpaca() as alpaca:
        assert len(alpaca.get_orders(r.GetOrdersRequest(status="all"))) == 1


def test_a_bot_that_hammers_is_throttled_and_can_leave(tmp_path):
    with run_stage(tmp_path, limits=limits_yaml(order_rate="5 / 60 s")) as stage, stage.bot() as bot:
        wait_status(bot, bot.submit_order(r.MarketOrderRequest(**BUY | {"qty": 3})).id, "filled")
        done: list[object] = []

        def hammer() -> None:
            client = TradingClient("SLONE", secret_of("one"), url_override=stage.stopline.alpaca_url)
            for _ in range(60):
                try:
                    done.append(client.submit_order(r.LimitOrderRequest(**BUY, limit_price=150)))
                except APIError as ignored:
                    done.append((ignored.status_code, ignored.code, "rate limit exceeded" in ignored.message.lower()))
            client._session.close()

        threads = [threading.Thread(target=hammer) for _ in range(4)]
        for each in threads:
            each.start()
        wait_until(lambda: len(done) > 100, "it hammers")
        closing = bot.close_position("AAPL")  # while the others hammer
        wait_status(bot, closing.id, "filled")
        for each in threads:
            each.join()
        denied = [each for each in done if isinstance(each, tuple)]
        assert len(done) == 240 and len(denied) == 236
        assert set(denied) == {(403, 40310000, True)}
        assert {each.status for each in bot.cancel_orders()} <= {200}  # the close took crossing entries along
        wait_until(lambda: bot.get_orders() == bot.get_all_positions() == [], "out of everything")
        with stage.at_alpaca() as alpaca:
            assert len(alpaca.get_orders(r.GetOrdersRequest(status="all", limit=500))) == 6


def test_a_close_gets_past_own_entries_that_the_broker_lets_go_of_slowly(stage, bot):
    wait_status(bot, bot.submit_order(r.MarketOrderRequest(**BUY)).id, "filled")
    resting = [bot.submit_order(r.LimitOrderRequest(**BUY, limit_price=150 + n)).id for n in range(3)]
    resting.append(bot.submit_order(r.StopOrderRequest(**BUY, stop_price=190)).id)
    for each in resting:
        wait_status(bot, each, "new")
    stage.sim.fault("latency", method="DELETE", times=4, ms=500)
    wait_status(bot, bot.close_position("AAPL").id, "filled")
    for each in resting:
        wait_status(bot, each, "canceled")


def test_the_door_comes_back_in_mid_day_with_the_same_orders(tmp_path):
    with run_sim() as sim:
        sim.quote("AAPL", "174.99", "175.01")
        settings = settings_for(sim, tmp_path)
        with run_stopline(settings) as stopline, Stage(sim, stopline).bot() as bot:
            filled = wait_status(bot, bot.submit_order(r.MarketOrderRequest(**BUY)).id, "filled")
            bot.submit_order(r.LimitOrderRequest(**BUY, limit_price=150, client_order_id="mine"))
            resting = wait_status(bot, bot.get_order_by_client_id("mine").id, "new")
            canceled = bot.submit_order(r.LimitOrderRequest(**BUY, limit_price=149))
            wait_status(bot, canceled.id, "new")
        with pytest.raises(OSError), Stage(sim, stopline).bot() as bot:
            bot.get_account()
        sim.quote("AAPL", "149.98", "150.00")  # it fills while nobody is there
        with run_stopline(settings) as stopline, Stage(sim, stopline).bot() as bot:
            assert bot.get_order_by_id(filled.id).status.value == "filled"
            assert wait_status(bot, resting.id, "filled").client_order_id == "mine"
            again = bot.submit_order(r.LimitOrderRequest(**BUY, limit_price=150, client_order_id="mine"))
            assert again.id == resting.id
            bot.cancel_order_by_id(canceled.id)
            wait_status(bot, canceled.id, "canceled")
            wait_until(lambda: bot.get_open_position("AAPL").qty == "2", "both are held")


def test_a_broker_that_is_away_lets_nothing_new_in_and_says_so(stage, bot):
    held = bot.submit_order(r.MarketOrderRequest(**BUY))
    wait_status(bot, held.id, "filled")
    stage.sim.fault("outage", times=0)
    stage.sim.control("POST", "/drop")
    wait_until(lambda: bot.get_account().trading_blocked, "the engine knows that it is blind")
    with pytest.raises(APIError) as caught:
        bot.submit_order(r.LimitOrderRequest(**BUY, limit_price=150))
    assert (caught.value.status_code, caught.value.code) == (403, 40310000)
    stage.sim.control("DELETE", "/faults")
    wait_until(lambda: not bot.get_account().trading_blocked, "it sees again")
    wait_status(bot, bot.close_position("AAPL").id, "filled")
