"""A simulated Alpaca, a Stopline in front of it, and bots that have alpaca-py with another address."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2

from stopline.config.settings import Settings
from tests.doors import RunningStopline, bots_yaml, run_stopline, secret_of, settings_of
from tests.oracles.alpaca.sdk import TradingClient, client_of
from tests.sims import RunningSim, run_sim, wait_until

ROOMY = {
    "max_order_notional": "1000000.00",
    "max_position": "1000000.00",
    "concentration": "none",
    "leverage": "none",
    "order_rate": "none",
    "price_collar": "none",
    "quote_max_age": "60 s",
    "buying_power": "false",
}


def limits_yaml(**said: str) -> str:
    """Return `limits:` and `symbols:` of a file: roomy, but for what is said."""
    pairs = ", ".join(f"{name}: {value}" for name, value in (ROOMY | said).items())
    largest = said.get("max_position", ROOMY["max_position"])
    return f"limits: {{{pairs}}}\nsymbols: {{AAPL: {{max_position: {largest}}}, SPY: {{max_position: {largest}}}}}\n"


class Stage:
    """Everything from the bot to the exchange."""

    def __init__(self, sim: RunningSim, stopline: RunningStopline) -> None:
        self.sim, self.stopline = sim, stopline
        self.native = httpx2.Client(base_url=stopline.native_url)

    @contextmanager
    def bot(self, name: str = "one") -> Iterator[TradingClient]:
        """Return a bot: the vendor's client, with only its keys and its address changed."""
        client = TradingClient(f"SL{name.upper()}", secret_of(name), url_override=self.stopline.alpaca_url)
        try:
            yield client
        finally:
            client._session.close()

    @contextmanager
    def at_alpaca(self) -> Iterator[TradingClient]:
        """Return the vendor's client at the exchange itself, past Stopline."""
        with client_of(self.sim) as client:
            yield client

    def our(self, path: str) -> Any:
        """Return what the native API says."""
        answer = self.native.get(path)
        assert answer.status_code == 200, answer.text
        return answer.json()


def wait_status(client: TradingClient, order_id: Any, *statuses: str) -> Any:
    """Return an order once it has one of these statuses."""

    def found() -> Any:
        order = client.get_order_by_id(order_id)
        return order if order.status.value in statuses else None

    return wait_until(found, f"an order that is {' or '.join(statuses)}")


def settings_for(sim: RunningSim, folder: Path, *bots: str, limits: str = "") -> Settings:
    """Return the settings of a Stopline in front of a simulator."""
    keys = folder / "keys.env"
    keys.write_text(f"APCA_API_KEY_ID={sim.options.key}\nAPCA_API_SECRET_KEY={sim.options.secret}\n")
    keys.chmod(0o600)
    text = f"accounts: [{{account: alpaca, broker: alpaca}}]\nalpaca: {{environment: '{sim.url}', keys_file: {keys}}}\n"
    text += (limits or limits_yaml()) + bots_yaml(*(bots or ("one",)))
    return settings_of(text, folder)


@contextmanager
def run_stage(folder: Path, *bots: str, limits: str = "", sim: RunningSim | None = None) -> Iterator[Stage]:
    """Run a simulator, unless there is one, and a Stopline in front of it."""
    if sim is None:
        with run_sim() as running:
            running.quote("AAPL", "174.99", "175.01")
            running.quote("SPY", "449.99", "450.01")
            with run_stage(folder, *bots, limits=limits, sim=running) as stage:
                yield stage
        return
    settings = settings_for(sim, folder, *bots, limits=limits)
    with run_stopline(settings) as stopline:
        stage = Stage(sim, stopline)
        try:
            yield stage
        finally:
            stage.native.close()
