"""The reader's terminal itself: what counts as the same output, and that it notices what a reader would."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.docs.terminal import Terminal, Typed, fits, typed


@pytest.mark.parametrize(
    ("shown", "printed"),
    [
        (("raised (… s)",), "raised (4.7 s)\n"),
        (("raised (4.7 s)",), "raised (12 s)\n"),
        (("…", "last"), "first\nsecond\nlast\n"),
        (("…", "last"), "last\n"),
        (("first", "…"), "first\n"),
        (("trailing blanks",), "trailing blanks   \n"),
        ((), ""),
    ],
)
def test_what_is_shown_fits(shown: tuple[str, ...], printed: str):
    assert fits(shown, printed)


@pytest.mark.parametrize(
    ("shown", "printed"),
    [
        (("raised (… s)",), "raised\n"),
        (("raised.",), "raised!\n"),
        (("raised (4.7 s)",), "raised (soon)\n"),
        (("exit 4",), "exit 5\n"),
        (("first",), "first\nsecond\n"),
        (("first", "second"), "first\n"),
        (("one … line",), "one\nline\n"),
        ((), "something\n"),
    ],
)
def test_what_differs_does_not_fit(shown: tuple[str, ...], printed: str):
    assert not fits(shown, printed)


def test_what_stays_need_not_have_come_to_its_end():
    assert fits(("ready",), "ready\nand more\n", whole=False)


def test_commands_are_taken_apart_with_their_output():
    assert typed("$ one\n> two\nout\n> put\n$ three\n") == [Typed("one\ntwo", ("out", "> put")), Typed("three", ())]


def test_output_without_a_command_is_a_mistake():
    with pytest.raises(ValueError, match="expected a command"):
        typed("out\n")


def test_the_shell_keeps_its_folder_its_variables_and_the_last_exit_status(tmp_path: Path):
    with Terminal(tmp_path) as terminal:
        assert terminal.run("mkdir deep && cd deep && name=it") == ("", 0)
        assert terminal.run("basename $PWD; echo $name") == ("deep\nit\n", 0)
        assert terminal.run("(echo no >&2; exit 4)") == ("no\n", 4)
        assert terminal.run("echo $?") == ("4\n", 0)


def test_what_stays_is_interrupted_and_a_bad_end_is_told(tmp_path: Path):
    with Terminal(tmp_path) as terminal:
        good = """python3 -c 'import signal; print("up", flush=True); signal.sigwait({signal.SIGINT})'"""
        bad = 'python3 -c \'print("up", flush=True); open("/dev/full", "w").write("x" * 9999)\''
        assert (
            terminal.stay(good.replace("import signal;", "import signal; signal.pthread_sigmask(0, {2});"), ("up",))
            == "up\n"
        )
        # It never prints that: it is over, and not about to be, when it is interrupted.
        assert terminal.stay(bad, ("up", "well")).startswith("up\n")
        wrong = list(terminal.interrupt())
    assert len(wrong) == 1
    assert "No space left on device" in wrong[0]
