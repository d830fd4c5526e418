"""A simulated Alpaca: its trading API and its `trade_updates` stream, one account, nothing real.

It answers as Alpaca does (brokers.md section 2), in the same dialect as our broker adapter
and door, so that the vendor's own client is the judge of all three. Everything in it is a
counter or follows from the market: the same requests at the same quotes give the same ids.

    house     what happens inside: orders, legs, positions, money; no clock, no socket
    floor     the orders that are on the exchange, and what its reports do to them
    permits   why an order may not go in
    front     keys, the rate limit and the faults in front of every request
    hub       who listens to the stream
    control   the second port: faults, quotes and time by hand
"""
