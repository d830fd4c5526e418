"""Incidents that happened, as plays on a stage (reliability.md section 1): what was then, and what Stopline does.

Each file says both, and what it demands. `stopline simulate --incident N5` plays one, `all` plays all.
"""

from importlib import import_module
from types import ModuleType
from typing import Final

INCIDENTS: Final[dict[str, str]] = {
    "N1": "n01_knight",
    "N2": "n02_facebook",
    "N3": "n03_everbright",
    "N4": "n04_hanmag",
    "N5": "n05_flash_crash",
    "N6": "n06_oil",
    "N7": "n07_franc",
    "N8": "n08_citi",
    "N9": "n09_robinhood",
    "N10": "n10_cme",
    "N11": "n11_leap_second",
    "N12": "n12_modify",
    "N13": "n13_silence",
    "N14": "n14_ibkr",
}


def incident(name: str) -> ModuleType:
    """Return the module of an incident."""
    return import_module(f"stopline.sim.incidents.{INCIDENTS[name]}")
