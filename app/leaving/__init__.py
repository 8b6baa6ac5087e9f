"""Somebody leaves: what they hold is handed over, what they could do ends, and they can be forgotten."""
