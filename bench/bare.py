"""`python -m bench.bare PORT`: what the web server and Flask cost by themselves, beside which intake is put."""

import json
import sys

from flask import Flask, Response, request

from app.cli.serve import THREADS
from app.cli.server import serve

app = Flask(__name__)


@app.post("/v2/enqueue")
def enqueue() -> Response:
    """Read the event, answer as intake does, remember nothing."""
    event = request.get_json()
    answer = {"status": "success", "message": "Event processed", "dedup_key": event["dedup_key"]}
    return Response(json.dumps(answer), 202, mimetype="application/json")


if __name__ == "__main__":
    serve(app, host="127.0.0.1", port=int(sys.argv[1]), threads=THREADS)
