"""The worker process: time passing. A tuple of the rooms' jobs, a pool of senders, and a loop."""

from app.engine.run import Engine, EngineAlreadyRuns, only_engine, run

__all__ = ["Engine", "EngineAlreadyRuns", "only_engine", "run"]
