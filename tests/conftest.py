"""Settings for the whole suite: property tests use the same examples in every run, and no machine is too slow.

The servers from the machine's packages are available to every test, and start when the first one needs them.
"""

from hypothesis import HealthCheck, settings

pytest_plugins = ["tests.postfix", "tests.postgres"]

settings.register_profile(
    "suite", deadline=None, derandomize=True, database=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("suite")
