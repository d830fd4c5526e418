"""A bot with a bug, as people write them for Alpaca: it buys whenever it has not heard of its last order.

    python examples/alpaca_bot.py http://127.0.0.1:8083

It knows nothing of Stopline: alpaca-py, another address, another pair of keys. Its story is
told in docs/doors/alpaca.md. Keys: BOT_KEY and BOT_SECRET in the environment.
"""

import os
import sys
import time
import warnings

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # alpaca-py imports websockets.legacy
    from alpaca.common.exceptions import APIError
    from alpaca.trading.client import TradingClient
    from alpaca.trading.requests import LimitOrderRequest

SYMBOL, SIZE, TOO_OFTEN = "SPY", 1, 20


def buy(client: TradingClient) -> str:
    """Buy once more; return what came of it."""
    asked = LimitOrderRequest(symbol=SYMBOL, qty=SIZE, side="buy", time_in_force="day", limit_price=460)
    try:
        order = client.submit_order(asked)
    except APIError as denied:
        return f"denied {denied.status_code} {denied.code}: {denied.message}"
    return f"sent, {order.status.value}"


def main(url: str) -> None:
    """Go wrong; then leave, which is never denied."""
    client = TradingClient(os.environ["BOT_KEY"], os.environ["BOT_SECRET"], url_override=url)
    for turn in range(1, TOO_OFTEN + 1):
        print(f"{turn:3d}  buy {SIZE} {SYMBOL}: {buy(client)}", flush=True)
    client.cancel_orders()
    print("     all orders canceled")
    time.sleep(0.5)
    for position in client.get_all_positions():
        closing = client.close_position(position.symbol)
        print(f"     close {position.qty} {position.symbol}: {closing.status.value}")
    client._session.close()


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8083")
