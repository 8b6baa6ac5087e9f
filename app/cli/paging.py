"""`nightbell page test`: does this person's phone ring?"""

import click

from app import clock
from app.cli.people import person
from app.cli.session import as_json, opened, print_json
from app.database import transaction
from app.paging import try_device
from app.paging.methods import devices_of


@click.group()
def page() -> None:
    """Interruptions of people."""


@page.command()
@click.option("--email", required=True, help="Whose devices to try.")
@as_json
def test(email: str, as_json: bool) -> None:
    """Queue a test page to each device of a person. The engine sends it."""
    with opened(), transaction():
        devices = devices_of(person(email).id)
        if not devices:
            raise click.ClickException(f"{email} has no device that could ring (Me → Devices, on that device)")
        try:
            pages = [try_device.ask(device, at=clock.now()) for device in devices]
        except try_device.TooManyTests as error:
            raise click.ClickException(str(error)) from error
        queued = [
            {"id": str(asked.id), "device": device.device} for asked, device in zip(pages, devices, strict=True)
        ]
    if as_json:
        print_json({"pages": queued})
    else:
        click.echo(
            f"Queued for {', '.join(each['device'] for each in queued)}. Watch Me → Devices for the receipts."
        )
