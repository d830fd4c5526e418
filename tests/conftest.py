"""What every test has: Hypothesis without a stopwatch, and the same examples on every CI run."""

import os

from hypothesis import HealthCheck, settings

from stopline.stores import ballast
from stopline.stores.spool import file as spool_file

# What a data directory sets aside, smaller: a run makes hundreds of them. Real processes have it whole.
ballast.BALLAST_BYTES = 2**16  # type: ignore[misc]
spool_file.SPOOL_BYTES = 2**20  # type: ignore[misc]

settings.register_profile("dev", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("ci", parent=settings.get_profile("dev"), derandomize=True, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") else "dev")
