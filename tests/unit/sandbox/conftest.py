"""One world for all unit tests of the sandbox; its answers do not depend on earlier requests."""

import pytest

from reporter.sandbox.world import World


@pytest.fixture(scope="session")
def world() -> World:
    """The world of the default seed."""
    return World()
