"""How to install a missing extra, into an environment and into the image, for error messages.

Neither distribution is published on a package index, so every command works from a checkout.
"""

_FONTS = "cjk"
"""The extra that consists only of the project's own package."""


def installing(extra: str) -> str:
    """The command that installs this extra."""
    if extra == _FONTS:
        return "in a checkout, pip install --no-deps ./packages/hyperrep-report-cjk; the image has it"
    return (
        f"in a checkout, pip install --no-deps --require-hashes -r requirements/{extra}.txt; "
        f"for the image, docker build --build-arg EXTRAS={extra}"
    )
