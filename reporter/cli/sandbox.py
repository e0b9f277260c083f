"""`hyperrep-report sandbox`: serve the embedded HyperRep API, to try the program and its integrations."""

import shlex
from contextlib import suppress
from datetime import UTC, datetime

import click

from reporter.cli import serving


@click.command("sandbox")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8765,
    show_default=True,
    help="Port to listen on; 0 picks a free one.",
)
@click.option(
    "--seed", type=int, default=7, show_default=True, help="Seed of the figures; another number gives other histories."
)
def command(host: str, port: int, seed: int) -> None:
    """Serve the HyperRep API with fictional organizations until you press Ctrl-C.

    Nothing leaves this machine and nothing is stored: the same seed gives the same figures at every start.
    """
    # Slow import; only this command serves HTTP.
    import uvicorn  # noqa: PLC0415

    from reporter.sandbox.api_app import create_app  # noqa: PLC0415
    from reporter.sandbox.world import World  # noqa: PLC0415

    listener = serving.listen("The sandbox", host, port)
    app = create_app(World(seed), lambda: datetime.now(UTC))
    settings = uvicorn.Config(
        app, lifespan="off", log_level="warning", date_header=False, server_header=False, timeout_graceful_shutdown=1
    )
    _introduce(serving.url(listener, host))
    with suppress(KeyboardInterrupt):
        uvicorn.Server(settings).run(sockets=[listener])


def _introduce(url: str) -> None:
    """Print the API's URL and an example request, flushed for programs that wait for the line."""
    from reporter.sandbox.world import DEMO_KEY  # noqa: PLC0415 - see above

    click.echo(f"HyperRep API sandbox: {url}\nAPI key: {DEMO_KEY}\n\nTry it from another terminal:")
    environment = f"HYPERREP_API_URL={shlex.quote(url)} HYPERREP_API_KEY={DEMO_KEY}"
    click.echo(f"  {environment} hyperrep-report --all-orgs --period month --no-email\n\nCtrl-C stops it.")
