"""Simulators: brokers to develop and test against, with faults on demand; and `world`, all of it from one seed."""
