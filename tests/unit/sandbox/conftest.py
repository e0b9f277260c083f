"""One world for all tests of the sandbox's inside; its answers depend on nothing asked before."""

import pytest

from reporter.sandbox.world import World


@pytest.fixture(scope="session")
def world() -> World:
    """The world of the default seed."""
    return World()
