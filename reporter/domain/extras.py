"""What a message says of an extra that is missing: how to install it into an environment, and into the image.

Neither distribution is published on a package index, so every line works from a checkout.
"""

_FONTS = "cjk"
"""The extra whose only package is the project's own."""


def installing(extra: str) -> str:
    """How to install the extra where it is needed and missing."""
    if extra == _FONTS:
        return "in a checkout, pip install --no-deps ./packages/hyperrep-report-cjk; the image has it"
    return (
        f"in a checkout, pip install --no-deps --require-hashes -r requirements/{extra}.txt; "
        f"for the image, docker build --build-arg EXTRAS={extra}"
    )
