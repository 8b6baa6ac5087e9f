"""The ways a page can go to somebody: one small interface, a file for each, and the list of those that work."""
