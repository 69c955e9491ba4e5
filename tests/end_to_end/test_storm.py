"""The storm of keys in short: see `tests.storm`."""

from time import monotonic

from tests.storm import storm


def test_a_short_storm_breaks_nothing() -> None:
    assert storm(seed=1, numbers=iter(range(2)), until_s=monotonic(), keys=120) > 30
