"""What Stopline adds to a bot: an order by alpaca-py through Alpaca's door, against one at the simulator itself.

Three processes, as at a user's: the simulator, `stopline run` in front of it, and the bot. Each
order is sent when the one before is answered, in turn at either; the journal is on this disk.
"""

import contextlib
import os
import secrets
import tempfile
import time
import warnings
from pathlib import Path
from typing import Any

from bench.entry import _free_port, _server
from bench.timing import Row, percentile

KEY, SECRET = "PKSIMULATED", "simulated-secret"
SETTINGS = """---
alpaca: {{environment: "http://127.0.0.1:{sim}"}}
accounts: [{{account: alpaca, broker: alpaca}}]
limits:
  {{max_order_notional: 1000000.00, max_position: 900000000.00, concentration: none, leverage: none,
  buying_power: false, price_collar: none, order_rate: none}}
symbols: {{SPY: {{max_position: 900000000.00}}}}
doors:
  alpaca:
    port: {door}
    bots: [{{name: bench, key: SLBENCH, secret: "${{BENCH_SECRET}}"}}]
...
"""


def door(quick: bool) -> list[Row]:
    """An order and an answer, by the vendor's client."""
    with tempfile.TemporaryDirectory() as name:
        here, there = _times(Path(name), 100 if quick else 1_000)
    ours, theirs = percentile(here, 0.5), percentile(there, 0.5)
    late, later = percentile(there, 0.99), percentile(here, 0.99)
    return [
        Row(
            "",
            "alpaca-py order p50: through the door / at the simulator",
            f"{ours / theirs:.2f}x",
            "",
            None,
            f"{ours:.0f} us / {theirs:.0f} us; p99 {later:.0f} us / {late:.0f} us",
        )
    ]


def _times(folder: Path, count: int) -> tuple[list[float], list[float]]:
    """Return microseconds of each order through the door, and at the simulator."""
    sim, control, native, port = (_free_port() for _ in range(4))
    os.environ |= {"APCA_API_KEY_ID": KEY, "APCA_API_SECRET_KEY": SECRET, "BENCH_SECRET": secrets.token_hex(24)}
    (folder / "stopline.yaml").write_text(SETTINGS.format(sim=sim, door=port))
    broker = ["-m", "stopline", "sim", "alpaca", "--port", str(sim), "--control-port", str(control)]
    broker += ["--rate-limit", "0", "--market", "manual"]
    run = ["-m", "stopline", "run", "--port", str(native), "--config", str(folder / "stopline.yaml")]
    with contextlib.ExitStack() as opened:
        opened.enter_context(_server(broker, control, "/"))
        opened.enter_context(_server([*run, "--data-dir", str(folder / "data")], native, "/ready"))
        clients = (_client("SLBENCH", os.environ["BENCH_SECRET"], port), _client(KEY, SECRET, sim))
        for client in clients * 5:
            _order_us(client)
        pairs = [[_order_us(client) for client in clients] for _ in range(count)]
        for client in clients:
            client._session.close()
    ours, theirs = zip(*pairs, strict=True)
    return list(ours), list(theirs)


def _client(key: str, secret: str, port: int) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # it imports websockets.legacy
        from alpaca.trading.client import TradingClient
    return TradingClient(key, secret, url_override=f"http://127.0.0.1:{port}")


def _order_us(client: Any) -> float:
    from alpaca.trading.requests import LimitOrderRequest

    asked = LimitOrderRequest(symbol="SPY", qty=1, side="buy", time_in_force="day", limit_price=1)
    started = time.perf_counter()
    client.submit_order(asked)
    return (time.perf_counter() - started) * 1e6
