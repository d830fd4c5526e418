"""Stopline: the risk line between traders and their brokers."""

__version__ = "0.1.0"
