"""`hyperrep-report sandbox`: serve the embedded HyperRep API, to try the program and its integrations."""

import shlex
from contextlib import suppress

import click

from reporter.cli import options


@click.command("sandbox")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@options.port(8765)
@click.option(
    "--seed", type=int, default=7, show_default=True, help="Seed of the figures; another number gives other histories."
)
def command(host: str, port: int, seed: int) -> None:
    """Serve the HyperRep API with fictional organizations until you press Ctrl-C.

    Nothing leaves this machine and nothing is stored: the same seed gives the same figures at every start.
    """
    import uvicorn

    from reporter.cli import setup
    from reporter.sandbox.api_app import create_app
    from reporter.sandbox.world import DEMO_KEY, World

    listener = setup.listen("The sandbox", host, port)
    app = create_app(World(seed), setup.machine_clock)
    settings = uvicorn.Config(
        app, lifespan="off", log_level="warning", date_header=False, server_header=False, timeout_graceful_shutdown=1
    )
    url = setup.url(listener, host)
    click.echo(f"HyperRep API sandbox: {url}\nAPI key: {DEMO_KEY}\n\nTry it from another terminal:")
    environment = f"HYPERREP_API_URL={shlex.quote(url)} HYPERREP_API_KEY={DEMO_KEY}"
    click.echo(f"  {environment} hyperrep-report --all-orgs --period month --no-email\n\nCtrl-C stops it.")
    with suppress(KeyboardInterrupt):
        uvicorn.Server(settings).run(sockets=[listener])
