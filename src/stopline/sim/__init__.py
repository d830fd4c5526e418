"""Simulators: brokers to develop and test against, over the bare paper exchange, with faults on demand."""
