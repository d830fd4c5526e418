"""Brokers' languages: bytes and JSON to and from our model, without a socket.

Brokers, doors and simulators share them.
"""
