"""Rooms and programs outside hear what happens: the event log read on, and turned into posts."""
