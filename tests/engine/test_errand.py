"""The engine starts long work beside itself, once at a time."""

import signal

from app.engine.errand import Errand


def test_an_errand_is_not_begun_again_while_it_runs():
    errand = Errand("--version")
    assert errand.start()
    running = errand._process
    running.send_signal(signal.SIGSTOP)
    assert not errand.start()
    running.send_signal(signal.SIGCONT)
    assert running.wait(timeout=60) == 0
    assert errand.start()
    assert errand._process.wait(timeout=60) == 0
