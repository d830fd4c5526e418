"""Alpaca's door: bots that speak to Alpaca speak to Stopline by changing one address.

The dialect is the simulator's; behind it stands the gate. The door translates and decides
nothing. Source: brokers.md section 2; docs/doors/alpaca.md.
"""
