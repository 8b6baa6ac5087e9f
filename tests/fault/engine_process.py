"""A real engine in a process of its own, for killing: `python -m tests.fault.engine_process '{"lease": 1.0}'`.

The harness may shorten the lease and take guards away here; nothing in the product can be told to.
"""

import json
import sys
from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from app import create_pageless_app, wakeup
from app.database import db
from app.engine import run
from app.paging import deliver
from app.paging.models import Delivery
from app.wakeup import embedded


def held_without_token_check(claim: deliver.Claim) -> Delivery | None:
    """The mutant: believes any worker, however late it comes."""
    return db.session.scalars(
        sa.select(Delivery)
        .where(Delivery.id == claim.delivery_id)
        .options(joinedload(Delivery.page), joinedload(Delivery.subscription))
    ).one_or_none()


def main(wishes: dict[str, object]) -> None:
    deliver.LEASE = timedelta(seconds=float(str(wishes.get("lease", 10))))
    if wishes.get("without_token_check"):
        deliver._held = held_without_token_check
    if wishes.get("sweep_only"):
        wakeup.adapter = lambda **_: embedded  # type: ignore[assignment]
    run(create_pageless_app())


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
