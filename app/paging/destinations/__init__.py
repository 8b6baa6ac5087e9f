"""Rooms and programs outside that are told: what they are, what waits for them, and sending it."""
