"""Alpaca: its trading API over HTTP, its `trade_updates` stream, and an order book of our own by client_order_id."""
