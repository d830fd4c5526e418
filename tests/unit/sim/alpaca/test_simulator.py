"""The wired simulator: its control port, its markets, its stream to others than the vendor's client, and a kill."""

import asyncio
import json
import os
import signal
import subprocess
import sys

import httpx2
import pytest
import websockets

from stopline.sim.alpaca.market import MarketRefused, open_market
from stopline.sim.alpaca.memory import load_book
from stopline.sim.alpaca.options import SimOptions
from stopline.venue.readers.form import RecordingError
from tests.market_files import MARKET, needs_data
from tests.sims import run_sim, wait_until


@pytest.fixture
def sim():
    with run_sim() as running:
        yield running


def control(sim, method, path, body=None):
    return httpx2.request(method, sim.simulator.control.url + path, json=body)


@pytest.mark.parametrize(
    ("method", "path", "body", "says"),
    [
        ("POST", "/faults", {"kind": "flood"}, "kind must be one of"),
        ("POST", "/quotes", {"symbol": "NOPE"}, "'NOPE' is not listed"),
        ("POST", "/quotes", {"symbol": "AAPL", "bid": "1"}, "bid and ask are needed"),
        ("POST", "/quotes", {"symbol": "AAPL", "bid": "1", "ask": "x"}, "is not a decimal number"),
        ("POST", "/clock", {"advance_s": 0}, "whole number of seconds"),
        ("POST", "/clock", [1], "must be a JSON object"),
        ("GET", "/nowhere", None, "the control port answers GET /, GET /faults"),
    ],
)
def test_the_control_port_says_what_would_be_right(sim, method, path, body, says):
    answer = control(sim, method, path, body)
    assert answer.status_code in (404, 422)
    assert says in answer.json()["message"]


def test_time_by_hand_moves_the_market(sim):
    before = sim.control("GET", "/")["at"]
    after = sim.control("POST", "/clock", {"advance_s": 86_400})["at"]
    assert after[:10] > before[:10]
    assert sim.control("GET", "/")["requests"] == 0


async def test_the_stream_speaks_binary_and_takes_both_forms_of_keys(sim):
    for said in (
        {"action": "authenticate", "data": {"key_id": sim.options.key, "secret_key": sim.options.secret}},
        {"action": "auth", "key": sim.options.key, "secret": sim.options.secret},
    ):
        async with websockets.connect(sim.stream_url) as socket:
            await socket.send(json.dumps({"action": "listen", "data": {"streams": ["trade_updates"]}}))
            assert json.loads(await socket.recv())["data"]["status"] == "unauthorized"
            await socket.send(json.dumps(said).encode())
            answer = await socket.recv()
            assert isinstance(answer, bytes)
            assert json.loads(answer)["data"] == {"status": "authorized", "action": said["action"]}
            await socket.send(json.dumps({"action": "listen", "data": {"streams": ["trade_updates", "weather"]}}))
            assert json.loads(await socket.recv())["data"]["streams"] == ["trade_updates"]


async def test_wrong_keys_and_wrong_frames_on_the_stream(sim):
    async with websockets.connect(sim.stream_url) as socket:
        await socket.send(json.dumps({"action": "auth", "key": "x", "secret": "y"}))
        assert json.loads(await socket.recv())["data"]["status"] == "unauthorized"
        await socket.send("not JSON")
        with pytest.raises(websockets.ConnectionClosed) as closed:
            await socket.recv()
    assert (closed.value.rcvd.code, "not JSON" in closed.value.rcvd.reason) == (1003, True)
    with pytest.raises(websockets.WebSocketException):
        async with websockets.connect(sim.stream_url.replace("/stream", "/elsewhere")):
            pass


async def test_an_outage_cuts_streams_and_opens_none(sim):
    async with websockets.connect(sim.stream_url) as socket:
        await asyncio.to_thread(sim.fault, "outage", times=0)
        with pytest.raises(websockets.ConnectionClosedError):
            await socket.recv()
    with pytest.raises((websockets.WebSocketException, OSError, EOFError)):
        await websockets.connect(sim.stream_url)


@needs_data
async def test_a_recorded_day_drives_it():
    path = MARKET / "us4_minutes_201310.csv.gz"
    with run_sim(market=str(path), speed=100_000, hours="market") as sim:
        told = await asyncio.to_thread(
            wait_until, lambda: (now := sim.control("GET", "/"))["at"] > "2013-10-04T14:00" and now, "the recording"
        )
        assert told["market"] == "recorded:us4_minutes_201310.csv.gz"
        assert control(sim, "POST", "/clock", {"advance_s": 5}).status_code == 409
        headers = {"APCA-API-KEY-ID": sim.options.key, "APCA-API-SECRET-KEY": sim.options.secret}
        order = {"symbol": "SPY", "qty": "5", "side": "buy", "type": "market", "time_in_force": "gtc"}
        answer = httpx2.post(f"{sim.url}/v2/orders", json=order, headers=headers)
        assert answer.status_code in (200, 422), answer.text


@pytest.mark.parametrize(
    ("market", "refusal"), [("synthetic:x", MarketRefused), ("none.csv", MarketRefused), ("synthetic", MarketRefused)]
)
def test_a_market_that_is_not_there_is_refused(market, refusal):
    with pytest.raises((refusal, RecordingError)):
        open_market(SimOptions(market=market), 0)


PROGRAM = [sys.executable, "-m", "stopline", "sim", "alpaca", "--port", "0", "--rate-limit", "0"]


@pytest.fixture
def start():
    """Return what runs the command and returns the process, its address and what it said; all end with the test."""
    running = []

    def start(*more):
        running.append(subprocess.Popen([*PROGRAM, *more], stderr=subprocess.PIPE, text=True))
        return running[-1], *_opened(running[-1])

    yield start
    for process in running:
        process.kill()
        process.wait()
        process.stderr.close()


def _opened(process):
    lines = []
    for line in process.stderr:
        lines.append(line)
        if "Ctrl-C" in line:
            break
    said = "".join(lines)
    assert "SIMULATED ALPACA, nothing here is real" in said, said
    return said.split("url       ")[1].split()[0], said


def test_killed_in_mid_day_it_goes_on_where_it_was(start, tmp_path):
    state = tmp_path / "alpaca.json"
    headers = {"APCA-API-KEY-ID": "k", "APCA-API-SECRET-KEY": "s"}
    keys = ("--key", "k", "--secret", "s", "--state", str(state))
    process, url, _ = start(*keys)
    with httpx2.Client(headers=headers) as client:
        order = {"symbol": "AAPL", "qty": "5", "side": "buy", "type": "market", "time_in_force": "day"}
        assert client.post(f"{url}/v2/orders", json=order | {"client_order_id": "mine"}).status_code == 200
        resting = order | {"type": "limit", "limit_price": "50", "time_in_force": "gtc"}
        assert client.post(f"{url}/v2/orders", json=resting).json()["status"] == "pending_new"
        before = client.get(f"{url}/v2/orders", params={"status": "all"}).json()
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert load_book(state) is not None
    process, url, said = start(*keys)
    assert "1 open orders from" in said
    with httpx2.Client(headers=headers) as client:
        assert client.get(f"{url}/v2/orders", params={"status": "all"}).json() == before
        assert [each["qty"] for each in client.get(f"{url}/v2/positions").json()] == ["5"]
        again = client.post(f"{url}/v2/orders", json=order | {"client_order_id": "mine"})
        assert again.json()["message"] == "client_order_id must be unique"
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert (process.returncode, said.strip()) == (0, f"stopped; the account is in {state}")


def test_a_port_in_use_is_a_sentence(start):
    process, url, _ = start()
    second = subprocess.run([*PROGRAM, "--port", url.rpartition(":")[2]], capture_output=True, text=True, timeout=60)
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=60)
    assert (process.returncode, second.returncode) == (0, 2)
    assert second.stderr.startswith("the simulator does not run: port")
    assert os.linesep not in second.stderr.strip()
