"""The production adapter for Alpaca in the world: over the world's network, against the simulated Alpaca.

server     the simulated Alpaca, its own application, run without a socket
net        a transport over the faulty network: requests, and the stream
judging    what must hold of each request as it leaves and as it comes
truth      what Alpaca really has, as the watch reads it
side       all of it, and how a process connects
"""
