"""`python -m app.cli` is `nightbell`."""

from app.cli import main

main(prog_name="nightbell")
