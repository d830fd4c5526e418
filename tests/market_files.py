"""The real data beside the project: there in CI, always; skipped elsewhere only where it is absent."""

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
DATA = next(
    (place for place in (ROOT / "../shared/data", ROOT / "../../shared/data") if place.exists()),
    ROOT / "../shared/data",
)
MARKET, REFERENCE = DATA / "market", DATA / "reference"
IS_CI = bool(os.environ.get("CI"))

needs_data = pytest.mark.skipif(not MARKET.exists() and not IS_CI, reason="../shared/data is not here")
