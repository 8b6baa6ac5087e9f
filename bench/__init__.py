"""The figures we promise, measured on real processes, a real database and a push service on loopback."""
