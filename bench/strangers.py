"""Whether a wrong password takes as long for somebody who exists as for nobody (SEC-15).

That both do the same counted work is a test; how long it takes is a figure, since clocks on a busy machine say
little. Alternated in one run, so that both meet the same machine.
"""

import time
from statistics import mean

from scipy.stats import mannwhitneyu

from app import create_pageless_app
from app.database import db, transaction
from app.people import passwords, sign_in
from app.people.models import User
from bench.scene import Scene

TRIES = 40  # of each; a hash takes a tenth of a second and more


def wrong_passwords(scene: Scene) -> dict[str, float]:
    """Milliseconds for a person who is here and for nobody, and how likely such a difference is by chance."""
    times: dict[str, list[float]] = {"known": [], "nobody": []}
    with create_pageless_app(scene.settings).app_context():
        with transaction():
            ada = db.session.scalars(db.select(User).where(User.name == "Ada")).one()
            ada.password_hash = passwords.hashed("brass kettle orbit plum")
            emails = {"known": ada.email, "nobody": "nobody@nightbell.example"}
        for _ in range(TRIES):
            for who, email in emails.items():
                began = time.perf_counter()
                sign_in.check(sign_in.Attempt(email, None, ()), "not the password")
                times[who].append((time.perf_counter() - began) * 1000)
        db.session.remove()
        db.engine.dispose()
    known, nobody = mean(times["known"]), mean(times["nobody"])
    chance = float(mannwhitneyu(times["known"], times["nobody"]).pvalue)
    return {"known_ms": known, "nobody_ms": nobody, "ratio": known / nobody, "p": chance, "n": TRIES}
