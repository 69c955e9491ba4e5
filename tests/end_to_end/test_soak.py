"""The soak in short: see `tests.soak`."""

from tests.soak.__main__ import Soak


def test_a_short_soak_breaks_nothing() -> None:
    soak = Soak(seed=1, keys=40, commands=1)
    soak.stretch(0)
    assert soak.tally.requests > 10
    assert soak.tally.faults
    assert soak.tally.commands.total() == 2
