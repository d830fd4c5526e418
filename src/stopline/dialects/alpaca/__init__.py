"""The language of Alpaca's trading API and of its `trade_updates` stream.

What comes in is read tolerantly: unknown fields are passed over, removed ones are not
missed, a figure finer than our scale is rounded. What goes out is written strictly: exact
decimals as strings. Anything that cannot be read is one error, `Malformed`, which names
the field.

Source     brokers.md section 2 (Alpaca's OpenAPI 2.0.1; alpaca-py 0.44.0).
"""
