"""What a message says of an extra that is missing: how it comes into an environment, and how into the image."""


def installing(extra: str) -> str:
    """What to do where the extra is needed and not installed, the image's Dockerfile being the project's."""
    return f"pip install 'hyperrep-report[{extra}]', or for the image docker build --build-arg EXTRAS={extra}"
