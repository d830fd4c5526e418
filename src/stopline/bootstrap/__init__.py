"""Wires one concrete system. Beside `sim`, the only place that knows which adapters are in use.

    serve(settings)                a whole process, its door open until SIGINT or SIGTERM
    async with System(settings):   the same without a door, for those who bring their own
    runner, bind, on_signals, open_door: what `serve` is made of

What a person can mend comes as StartRefused, before anything was decided.
"""

from stopline.bootstrap.faults import LOST
from stopline.bootstrap.parts import StartRefused
from stopline.bootstrap.process import bind, on_signals, open_door, run, runner, serve
from stopline.bootstrap.system import System

__all__ = ["LOST", "StartRefused", "System", "bind", "on_signals", "open_door", "run", "runner", "serve"]
