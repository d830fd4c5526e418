"""Alpaca's door, judged by alpaca-py."""
