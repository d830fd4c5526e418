"""Alpaca's door on a desk in memory: what the vendor's client does not come across by itself."""

import asyncio
import json
import socket
from hashlib import sha256
from typing import Any

import httpx2
import pytest
from msgspec import structs

from stopline.bootstrap.parts import StartRefused
from stopline.bootstrap.process import bind_alpaca
from stopline.config.load import load
from stopline.config.settings import AlpacaDoor, DoorBot
from stopline.dialects.alpaca.words import ENDED, Status, state_of
from stopline.doors.alpaca.app import AlpacaApp
from stopline.doors.alpaca.book import Book
from stopline.doors.alpaca.ids import order_uuid
from stopline.doors.alpaca.show import STATUSES, status_of
from stopline.doors.native.stream import HANG_UP
from stopline.messages.inputs import ExternalOrderSeen
from stopline.model.instrument import AssetClass
from stopline.model.order import LIVE, OrderState, OrderType, Side
from stopline.ports.desk import DeskUnavailable
from stopline.runtime.calendars import CalendarBook
from tests.build import World, money, qty
from tests.twins.desk import TwinDesk

KEY, SECRET = "SLBOT", "a-secret-nobody-may-read"
KEYS = {"APCA-API-KEY-ID": KEY, "APCA-API-SECRET-KEY": SECRET}
BOT = DoorBot("bot", KEY, sha256(SECRET.encode()).digest(), "A1")
OTHER = DoorBot("other", "SLOTHER", sha256(SECRET.encode()).digest(), "A2")
BUY = {"symbol": "AAPL", "qty": "1", "side": "buy", "type": "limit", "limit_price": "100", "time_in_force": "day"}


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def desk(world: World) -> TwinDesk:
    return TwinDesk(world)


@pytest.fixture
def app(desk: TwinDesk) -> AlpacaApp:
    made = AlpacaApp(desk, AlpacaDoor(bots=(BOT, OTHER)), CalendarBook().calendar("us_equities"))
    made.start()
    return made


@pytest.fixture
async def client(app: AlpacaApp):
    transport = httpx2.ASGITransport(app=app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1:8083", headers=KEYS) as made:
        yield made


def test_every_state_has_a_status_that_lives_as_long():
    assert set(STATUSES) == set(OrderState)
    for state, status in STATUSES.items():
        assert (status in ENDED) is (state not in LIVE), state
        if state in (OrderState.FILLED, OrderState.CANCELED, OrderState.EXPIRED, OrderState.REJECTED):
            assert state_of(status) is state
    assert status_of(OrderState.HELD, "its entry") is Status.HELD


async def test_while_nothing_can_be_decided_it_is_503_with_a_code_and_no_id_is_used_up(client, desk, world):
    desk.failing = DeskUnavailable("store_unavailable", "the journal refuses")
    answer = await client.post("/v2/orders", json=BUY | {"client_order_id": "mine"})
    assert answer.status_code == 503
    assert answer.json()["code"] == 50010000 and "the journal refuses" in answer.json()["message"]
    assert (await client.get("/v2/positions")).json() == []  # looking goes on
    desk.failing = None
    assert (await client.post("/v2/orders", json=BUY | {"client_order_id": "mine"})).status_code == 200


async def test_a_fault_of_ours_is_500_without_its_inside(client, desk, caplog):
    async def stumble(message: Any) -> Any:
        raise RuntimeError("secret inside")

    desk.ask = stumble
    answer = await client.post("/v2/orders", json=BUY)
    assert (answer.status_code, answer.json()) == (500, {"code": 50010000, "message": "internal server error"})
    assert "secret inside" in caplog.text and SECRET not in caplog.text


async def test_the_bot_is_known_by_its_name(client, desk, world):
    answer = await client.post("/v2/orders", json=BUY | {"client_order_id": "mine", "position_intent": "buy_to_open"})
    assert answer.json()["id"] == order_uuid("A1", "mine")
    asked = desk.asked[-1]
    assert (asked.actor, asked.client, asked.account, asked.reduce_only) == ("bot", "bot", "A1", False)
    assert not any(SECRET.encode() in record.body for record in world.records)


async def test_without_an_id_each_request_is_an_order_of_its_own(client, desk):
    one, two = [(await client.post("/v2/orders", json=BUY)).json() for _ in range(2)]
    assert one["client_order_id"] != two["client_order_id"] and one["id"] != two["id"]
    assert len((await client.get("/v2/orders")).json()) == 2


async def test_to_close_is_reduce_only_and_opens_nothing(client, desk):
    answer = await client.post("/v2/orders", json=BUY | {"position_intent": "buy_to_close"})
    assert desk.asked[-1].reduce_only
    assert answer.status_code == 403 and answer.json()["code"] == 40310000


async def test_what_is_no_share_is_not_spoken_of(client, desk, world):
    future = next(each for each in world.state.instruments.values() if each.asset_class is AssetClass.FUTURE)
    answer = await client.post("/v2/orders", json=BUY | {"symbol": future.symbol})
    assert (answer.status_code, answer.json()["code"]) == (422, 42210000)
    assert "native API" in answer.json()["message"]
    names = {each["symbol"] for each in (await client.get("/v2/assets")).json()}
    assert "AAPL" in names and not names & {"ESZ6", "BTCUSD", "EURUSD"}


async def test_money_that_nobody_can_price_is_null_and_never_zero(client, world):
    world.buy("5", limit="100", id="held")
    world.accept("held")
    world.fill("held", "5", "100")
    account = (await client.get("/v2/account")).json()
    assert account["equity"] is account["buying_power"] is account["portfolio_value"] is None
    assert account["cash"] == "99500"
    (position,) = (await client.get("/v2/positions")).json()
    assert (position["qty"], position["avg_entry_price"], position["market_value"]) == ("5", "100", None)


@pytest.mark.parametrize("status", ["wrong", "", "\u2603"])
async def test_wrong_secrets_are_403_whatever_they_hold(app, status):
    headers = {"APCA-API-KEY-ID": KEY, "APCA-API-SECRET-KEY": status.encode()}
    transport = httpx2.ASGITransport(app=app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://door", headers=headers) as made:
        answer = await made.get("/v2/account")
    assert (answer.status_code, answer.json()) == (403, {"message": "forbidden."})


class Stream:
    """One connection to the stream, by hand."""

    def __init__(self, app: AlpacaApp) -> None:
        self.to_door: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.from_door: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.hung_up: list[tuple[int, str]] = []
        scope = {"type": "websocket", "path": "/stream", "state": {HANG_UP: lambda *said: self.hung_up.append(said)}}
        self.to_door.put_nowait({"type": "websocket.connect"})
        self.task = asyncio.create_task(app(scope, self.to_door.get, self.from_door.put))

    def say(self, message: Any) -> None:
        self.to_door.put_nowait({"type": "websocket.receive", "bytes": json.dumps(message).encode()})

    async def hear(self) -> Any:
        message = await asyncio.wait_for(self.from_door.get(), 10)
        return json.loads(message["bytes"]) if "bytes" in message else message["type"]

    async def begin(self, key: str = KEY) -> None:
        self.say({"action": "authenticate", "data": {"key_id": key, "secret_key": SECRET}})
        self.say({"action": "listen", "data": {"streams": ["trade_updates"]}})
        assert await self.hear() == "websocket.accept"
        assert (await self.hear())["data"]["status"] == "authorized"
        assert (await self.hear())["data"]["streams"] == ["trade_updates"]

    async def end(self) -> None:
        self.to_door.put_nowait({"type": "websocket.disconnect"})
        await self.task


async def test_each_update_has_the_figures_of_its_own_event(app, desk, world):
    stream = Stream(app)
    await stream.begin()
    world.buy("5", limit="100", id="mine")
    world.accept("mine")
    world.fill("mine", "2", "99")
    world.fill("mine", "3", "98")
    desk.publish()  # all at once: the state is beyond each of them
    told = [(await stream.hear())["data"] for _ in range(4)]
    assert [each["event"] for each in told] == ["pending_new", "new", "partial_fill", "fill"]
    assert [each["order"]["status"] for each in told] == ["pending_new", "new", "partially_filled", "filled"]
    assert [each["order"]["filled_qty"] for each in told] == ["0", "0", "2", "5"]
    assert [each["order"]["filled_avg_price"] for each in told] == [None, None, "99", "98.4"]
    assert [each.get("position_qty") for each in told] == [None, None, "2", "5"]
    assert [each["order"]["filled_at"] is None for each in told] == [True, True, True, False]
    await stream.end()
    assert app.listening == 0


async def test_what_filled_before_anybody_saw_it_counts_and_has_no_price(app, client, desk, world):
    stream = Stream(app)
    await stream.begin()
    seen = ExternalOrderSeen(
        broker="paper", account="A1", routed_order_id="theirs", instrument_id="eq:US:AAPL", side=Side.BUY,
        order_type=OrderType.LIMIT, order_qty=qty("10"), cum_qty=qty("4"), limit_price=money("100"),
    )  # fmt: skip
    world.step(seen)
    (name,) = world.account().live
    world.fill(name, "6", "100")
    desk.publish()
    told = [(await stream.hear())["data"] for _ in range(2)]
    assert [each["event"] for each in told] == ["new", "fill"]
    assert [each["order"]["filled_qty"] for each in told] == ["4", "10"]
    (shown,) = (await client.get("/v2/orders?status=closed")).json()
    assert (shown["filled_qty"], shown["filled_avg_price"]) == ("10", None)
    assert told[-1]["order"]["filled_avg_price"] is None
    await stream.end()


async def test_a_bust_is_told_with_what_is_left(app, desk, world):
    stream = Stream(app)
    await stream.begin()
    world.buy("5", limit="100", id="mine")
    world.accept("mine")
    world.fill("mine", "2", "99")
    gone = world.fill("mine", "3", "98")
    world.bust(gone)
    world.fill("mine", "3", "97")
    desk.publish()
    told = [(await stream.hear())["data"] for _ in range(6)]
    assert [each["event"] for each in told][-3:] == ["fill", "trade_bust", "fill"]
    assert [each["order"]["filled_qty"] for each in told][-3:] == ["5", "2", "5"]
    assert told[-1]["order"]["filled_avg_price"] == "97.8"
    assert told[-1]["position_qty"] == "5"
    await stream.end()


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.5", "::"])
def test_it_binds_to_loopback_only(host):
    settings = structs.replace(load(None), alpaca_door=AlpacaDoor(host, 0, (BOT,)))
    with pytest.raises(StartRefused, match="does not listen on"), bind_alpaca(settings):
        pass


def test_a_port_in_use_is_said_with_the_setting_to_change():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        settings = structs.replace(load(None), alpaca_door=AlpacaDoor(port=taken.getsockname()[1], bots=(BOT,)))
        with pytest.raises(StartRefused, match=r"doors\.alpaca\.port"), bind_alpaca(settings):
            pass


@pytest.fixture
def second(world):
    """A second account, A2."""
    world.open_account("A2")
    world.schedule("A2")
    world.reconcile("A2")


async def test_each_hears_of_its_own_account(app, desk, world, second):
    streams = Stream(app), Stream(app)
    for stream, key in zip(streams, (KEY, OTHER.key), strict=True):
        await stream.begin(key)
    world.buy("1", limit="100", account="A2", id="theirs")
    world.buy("1", limit="100", id="mine")
    desk.publish()
    for stream, name in zip(streams, ("mine", "theirs"), strict=True):
        assert (await stream.hear())["data"]["order"]["client_order_id"] == name
        assert stream.from_door.empty()
        await stream.end()


async def test_an_id_of_another_account_names_nothing(client, desk, world, second):
    world.buy("1", limit="100", account="A2", id="same")
    world.buy("1", limit="100", id="same")
    desk.publish()
    for method in ("GET", "DELETE"):
        answer = await client.request(method, f"/v2/orders/{order_uuid('A2', 'same')}")
        assert answer.status_code == 404
    (mine,) = (await client.get("/v2/orders", params={"status": "all"})).json()
    assert mine["id"] == order_uuid("A1", "same")


def test_what_the_engine_has_forgotten_is_forgotten(desk, world):
    book = Book()
    book.begin(world.state)
    desk.subscribe(lambda seq, at, events: [book.hear(seq, each, world.state) for each in events])
    world.buy("1", limit="100", id="old")
    world.accept("old")
    world.gone("old")
    desk.publish()
    assert len(book) == 1
    for _ in range(2):
        world.next_session()
        desk.publish()
    assert len(book) == 0


async def test_what_is_no_message_closes_the_stream(app):
    stream = Stream(app)
    stream.say({"action": "wish"})
    assert await stream.hear() == "websocket.accept"
    assert await stream.hear() == "websocket.close"
    await stream.end()


async def test_orders_of_two_days_ago_are_forgotten_and_say_so(client, desk, world):
    world.buy("1", limit="100", id="old")
    world.accept("old")
    world.cancel("old")
    world.gone("old")
    desk.publish()
    old = order_uuid("A1", "old")
    assert (await client.get(f"/v2/orders/{old}")).json()["status"] == "canceled"
    for _ in range(2):
        world.next_session()
        desk.publish()
    assert (await client.get(f"/v2/orders/{old}")).status_code == 404
