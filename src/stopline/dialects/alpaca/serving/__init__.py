"""The server's side of Alpaca's API, without its sockets: requests, routes, keys and streams.

A door and a simulator are the same server over two desks; what both need is here. It is
given ASGI's `receive` and `send`, and opens nothing itself.
"""
