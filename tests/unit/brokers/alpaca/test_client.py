"""The client over real sockets: what each kind of failure proves, and that a secret shows nowhere."""

import socket

import pytest

from stopline.brokers.alpaca.budget import Budget
from stopline.brokers.alpaca.client import AlpacaClient, Keys, Refused
from stopline.dialects.alpaca.account import Configurations
from stopline.dialects.alpaca.create import CreateOrder
from stopline.dialects.alpaca.query import OrdersQuery
from stopline.model.numbers import QTY_ONE, parse_price
from stopline.model.order import OrderType, Side, TimeInForce
from stopline.ports.broker import BrokerUnreachable, RateLimited, SendOutcomeUnknown
from stopline.runtime.transport import AiohttpTransport
from tests.sims import run_sim

KEYS = Keys("PKSIMULATED", "simulated-secret")


@pytest.fixture
def sim():
    with run_sim(rate_limit=200) as running:
        running.quote("AAPL", "100.00", "100.02")
        yield running


@pytest.fixture
async def transport():
    made = AiohttpTransport()
    yield made
    await made.close()


@pytest.fixture
def client(sim, transport):
    return AlpacaClient(transport, sim.url, KEYS, Budget())


def buy(client_order_id: str, qty: int = 1) -> CreateOrder:
    return CreateOrder(
        symbol="AAPL",
        side=Side.BUY,
        order_type=OrderType.LIMIT,
        time_in_force=TimeInForce.DAY,
        qty=qty * QTY_ONE,
        limit_price=parse_price("90"),
        client_order_id=client_order_id,
    )


async def place(client: AlpacaClient, name: str = "one", qty: int = 1):
    return await client.place(buy(name, qty), is_exit=False)


async def test_an_order_goes_and_is_found_again(client):
    made = await place(client)
    assert made.client_order_id == "one"
    found = await client.order_by_client_id("one")
    assert found is not None and found.id == made.id
    assert await client.order_by_client_id("two") is None
    assert [each.id for each in await client.orders(OrdersQuery())] == [made.id]
    await client.cancel(made.id)
    with pytest.raises(Refused, match="canceled"):
        await client.cancel(made.id)


async def test_the_budget_is_read_from_the_headers(client):
    await client.account()
    assert client.budget.left == 199
    await client.positions()
    assert client.budget.left == 198


@pytest.mark.parametrize(
    ("fault", "proves", "arrives"),
    [
        ("lost_request", SendOutcomeUnknown, False),
        ("lost_reply", SendOutcomeUnknown, True),
        ("gateway_timeout", SendOutcomeUnknown, True),
        ("unavailable", SendOutcomeUnknown, False),
        ("rate_limited", RateLimited, False),
    ],
)
async def test_what_a_failure_proves(sim, client, fault, proves, arrives):
    """Only an answer that says no is a rejection; and nothing is sent twice by itself."""
    sim.fault(fault, method="POST")
    with pytest.raises(proves):
        await place(client)
    assert sim.hits() == [1]
    assert sim.control("GET", "/")["requests"] == 1, "it went out once"
    assert sim.control("GET", "/")["orders"] == arrives


async def test_no_answer_in_time_proves_nothing(sim, client, monkeypatch):
    monkeypatch.setattr("stopline.brokers.alpaca.client.TIMEOUT_S", 0.05)
    sim.fault("latency", ms=60_000, method="POST")
    with pytest.raises(SendOutcomeUnknown, match="no answer within"):
        await place(client)


async def test_no_connection_means_that_it_did_not_leave(transport):
    with socket.socket() as nobody_listens:
        nobody_listens.bind(("127.0.0.1", 0))
        port = nobody_listens.getsockname()[1]
        client = AlpacaClient(transport, f"http://127.0.0.1:{port}", KEYS, Budget())
        with pytest.raises(BrokerUnreachable, match="no connection"):
            await place(client)


async def test_refusals_say_why_and_of_what_kind_they_are(sim, client, transport):
    with pytest.raises(Refused, match=r"insufficient buying power \(40310000\)") as caught:
        await place(client, qty=1_000_000)
    assert not caught.value.is_of_keys and not caught.value.is_absence
    stranger = AlpacaClient(transport, sim.url, Keys("who", "hush-hush"), Budget())
    with pytest.raises(Refused) as caught:
        await stranger.account()
    assert caught.value.is_of_keys
    assert str(caught.value).startswith("Alpaca refuses the keys: "), "a first start said 'forbidden.', and of what"
    assert "hush" not in str(caught.value) + repr(caught.value) + repr(Keys("who", "hush-hush"))


async def test_the_owners_own_stop(client):
    assert (await client.configure(Configurations(suspend_trade=True))).suspend_trade
    with pytest.raises(Refused, match="rejected by user request"):
        await place(client)
    await client.configure(Configurations(suspend_trade=False))
    await place(client)


async def test_all_pages_of_activities(sim, client, monkeypatch):
    monkeypatch.setattr("stopline.brokers.alpaca.client.PAGE", 2)
    for number in range(5):
        order = await place(client, f"n{number}")
        sim.quote("AAPL", "89.99", "90.00", size=str(number + 1))
        sim.quote("AAPL", "100.00", "100.02")
        assert order.client_order_id == f"n{number}"
    found = await client.activities(0, "FILL")
    assert [each.type for each in found] == ["fill"] * 5
    assert len({each.id for each in found}) == 5
