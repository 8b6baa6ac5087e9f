"""What a WSGI server serves: `granian --interface wsgi wsgi:app`, or `flask --app wsgi`."""

from app import create_app

app = create_app()
