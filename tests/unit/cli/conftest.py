"""A stand-in for a running Stopline: answers what a test tells it, and remembers what it was asked."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from stopline.cli.app import run_cli

ACCOUNT = {
    "account": "paper", "broker": "paper", "mode": "PAPER", "currency": "USD", "trading_state": "active",
    "restrictions": [], "circuit_breaker_triggered": False, "equity": "100012.50", "cash": "99125.05",
    "market_value": "887.45", "total_pnl": "12.50", "realized_pnl": "-1.25", "unrealized_pnl": "13.75",
    "open_pnl": "13.75", "gross_exposure": "887.45", "initial_margin": "443.73", "available_margin": "99568.77",
    "open_positions": 1, "working_orders": 0, "unpriced": [], "trading_day": "2026-11-20",
    "opened_at": "2026-11-19T22:00:00.000000000Z", "resets_at": "2026-11-20T22:00:00.000000000Z",
    "baseline": "100000.00", "baseline_source": "observed", "transfers": "0.00", "armed": False, "limits_version": 1,
}  # fmt: skip
HEALTH = {
    "status": "ok", "mode": "normal", "ready": True, "waiting_for": [], "problems": [], "market": "synthetic:7",
    "store": "ok", "feed_age_s": 0.1,
}  # fmt: skip
POSITION = {
    "account": "paper", "instrument_id": "eq:US:AAPL", "symbol": "AAPL", "side": "long", "qty": "5",
    "avg_entry_price": "174.98", "mark_price": None, "mark_at": None, "market_value": None, "unrealized_pnl": None,
    "open_pnl": None, "realized_pnl": "0.00", "realized_pnl_entry": "0.00", "fees": "0.05", "working_buys": "0",
    "working_sells": "5", "highest": "5", "lowest": "0", "effective_position": "0", "worst_money": None,
    "unpriced": True,
}  # fmt: skip


class Stand:
    """What the stand-in answers, by method and path, and what it was asked."""

    def __init__(self) -> None:
        self.answers: dict[str, tuple[int, Any]] = {
            "GET /health": (200, HEALTH),
            "GET /api/account": (200, ACCOUNT),
            "GET /api/positions": (200, {"positions": [POSITION]}),
        }
        self.asked: list[tuple[str, Any]] = []
        self.url = ""

    def body_of(self, what: str) -> Any:
        """Return the body of the last request of this method and path."""
        return next(body for asked, body in reversed(self.asked) if asked.partition("?")[0] == what)

    def was_asked(self, what: str) -> bool:
        return any(asked.partition("?")[0] == what for asked, _ in self.asked)


@pytest.fixture
def stand() -> Iterator[Stand]:
    stand = Stand()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            raw = self.rfile.read(length)
            stand.asked.append((f"{self.command} {self.path}", json.loads(raw) if raw else None))
            name = f"{self.command} {self.path.partition('?')[0]}"
            missing = (404, {"error": "not_found", "message": f"nothing at {name}", "fix": ""})
            status, body = stand.answers.get(name, missing)
            data = body if isinstance(body, bytes) else json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_POST = do_PUT = do_DELETE = answer

        def log_message(self, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    stand.url = f"http://127.0.0.1:{server.server_address[1]}"
    yield stand
    server.shutdown()
    server.server_close()
    thread.join()


class Ran:
    """How a command ended, and what it said."""

    def __init__(self, code: int, out: str, err: str) -> None:
        self.code, self.out, self.err = code, out, err

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@pytest.fixture
def run(capfd, monkeypatch, tmp_path):
    """Run a command in this process, in an empty directory, without anybody's environment."""
    for name in ("STOPLINE_URL", "STOPLINE_ACCOUNT", "STOPLINE_CONFIG", "STOPLINE_DATA_DIR", "STOPLINE_DEBUG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.chdir(tmp_path)

    def run(*arguments: object) -> Ran:
        capfd.readouterr()
        code = run_cli([str(each) for each in arguments])
        said = capfd.readouterr()
        return Ran(int(code), said.out, said.err)

    return run


@pytest.fixture
def ask(run, stand):
    """Run a command against the stand-in."""

    def ask(*arguments: object) -> Ran:
        return run(*arguments, "--url", stand.url)

    return ask
