"""A kill -9 at every write loses nothing that was said to be kept: `python -m tests.kills`, in a
process of its own, since it forks."""

import subprocess
import sys

from tests.kills import STORIES


def test_a_writer_killed_at_any_step_loses_nothing_that_was_confirmed() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.kills"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("killed at each of") == len(STORIES)
