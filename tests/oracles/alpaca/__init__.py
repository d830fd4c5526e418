"""Alpaca, judged by alpaca-py."""
