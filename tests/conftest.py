"""Settings for the whole suite: property tests try the same examples in every run, and no machine is too slow.

The servers of the machine's packages are there for every test, and begin when the first one asks for them.
"""

from hypothesis import HealthCheck, settings

pytest_plugins = ["tests.postfix", "tests.postgres"]

settings.register_profile(
    "suite", deadline=None, derandomize=True, database=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("suite")
