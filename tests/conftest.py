"""What every test has: Hypothesis without a stopwatch, and the same examples on every CI run."""

import os

from hypothesis import HealthCheck, settings

from tests.small import set_small

set_small()

settings.register_profile("dev", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("ci", parent=settings.get_profile("dev"), derandomize=True, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") else "dev")
