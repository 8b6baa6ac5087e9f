"""How each monitoring tool says that something is wrong: one module per language, each a pure function.

`body` reads the bytes of a request into a document; `events_v2`, `alertmanager` and `generic` read a document
into `batch.ParsedBatch`. Nothing here knows of rows, requests or clocks.
"""
