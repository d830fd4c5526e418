"""Where the practice account is. Only ever Alpaca's paper money, or a simulator on this machine."""

import os
from urllib.parse import urlsplit

import pytest

from stopline.bootstrap.brokers import KEY, SECRET
from stopline.brokers.alpaca.client import Keys
from stopline.brokers.alpaca.offer import PAPER_URL

OPT_IN, ADDRESS = "STOPLINE_LIVE", "STOPLINE_LIVE_URL"


def need_account() -> tuple[str, Keys]:
    """Return address and keys; skip the module, and say why, where nobody has asked for it or has no keys."""
    if os.environ.get(OPT_IN) != "alpaca":
        pytest.skip("opt-in: make test-live BROKER=alpaca", allow_module_level=True)
    missing = [name for name in (KEY, SECRET) if not os.environ.get(name)]
    if missing:
        pytest.skip(f"no practice account: {' and '.join(missing)} not set", allow_module_level=True)
    url = os.environ.get(ADDRESS, PAPER_URL)
    if url != PAPER_URL and urlsplit(url).hostname != "127.0.0.1":
        pytest.skip(f"{ADDRESS} is neither {PAPER_URL} nor on this machine", allow_module_level=True)
    return url, Keys(os.environ[KEY], os.environ[SECRET])
