"""What a password must be, and that a hash takes its time and its turn."""

import threading

import pytest

from app.people import passwords

GOOD = "brass kettle orbit plum"


@pytest.mark.parametrize(
    ("password", "words"),
    [
        ("short", "At least 12"),
        ("x" * 129, "At most 128"),
        ("aaaaaaaaaaaaaa", "first that get tried"),
        ("abcabcabcabcabc", "first that get tried"),
        ("12341234123412", "first that get tried"),
        ("987654321098", "first that get tried"),
        ("qwertyuiopas", "first that get tried"),
        ("Password1234!", "first that get tried"),
        ("!!nightbell2026", "first that get tried"),
        ("ada@nightbell.example", "your own name"),
        ("Ada Lovelace-King", "your own name"),
    ],
)
def test_SEC12_a_password_that_gets_guessed_is_refused_in_words(password: str, words: str) -> None:
    problem = passwords.problem_with(password, email="ada@nightbell.example", name="Ada Lovelace-King")
    assert problem is not None
    assert words in problem


@pytest.mark.parametrize(
    "password", [GOOD, "x7" + "q" * 10, "пароль из четырёх слов", "tr0ub4dor&3!!", "a" * 11 + "b"]
)
def test_SEC12_a_long_one_will_do_whatever_its_characters(password: str) -> None:
    assert passwords.problem_with(password, email="ada@nightbell.example", name="Ada") is None


def test_SEC12_a_hash_is_argon2id_with_64_MiB_and_fits_only_its_password() -> None:
    kept = passwords.hashed(GOOD)
    assert kept.startswith("$argon2id$v=19$m=65536,t=3,")
    assert passwords.matches(GOOD, kept)
    assert not passwords.matches(GOOD + " ", kept)
    assert not passwords.is_outdated(kept)
    assert passwords.is_outdated("$argon2id$v=19$m=8,t=1,p=1$c29tZXNhbHQ$AAAAAAAAAAAAAAAAAAAAAA")


def test_SEC15_without_a_hash_or_with_a_broken_one_the_answer_is_no() -> None:
    assert not passwords.matches(GOOD, None)
    assert not passwords.matches(GOOD, "not a hash")


def test_SEC12_no_more_hashes_run_at_once_than_the_machine_bears(monkeypatch: pytest.MonkeyPatch) -> None:
    running, most, lock = 0, 0, threading.Lock()

    class Counting:
        def hash(self, password: str) -> str:
            nonlocal running, most
            with lock:
                running += 1
                most = max(most, running)
            gate.wait(0.02)
            with lock:
                running -= 1
            return "hash"

    gate = threading.Event()
    monkeypatch.setattr(passwords, "_hasher", Counting())
    threads = [threading.Thread(target=passwords.hashed, args=(GOOD,)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == 2


def test_SEC12_who_waits_too_long_for_a_turn_is_told_to_try_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "_WAIT_SECONDS", 0.01)
    with passwords._turn(), passwords._turn(), pytest.raises(passwords.TooManyHashes, match="Try again"):
        passwords.hashed(GOOD)


def test_SEC15_the_hash_of_nobody_costs_what_everybodys_costs() -> None:
    assert not passwords.is_outdated(passwords._NOBODYS)
