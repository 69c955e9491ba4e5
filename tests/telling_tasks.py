"""The program, ready to say what it is at: on SIGUSR1 it writes its tasks and threads to a file.

python tests/telling_tasks.py FILE demo …
"""

import asyncio
import faulthandler
import signal
import sys
from pathlib import Path


def tell(file: Path) -> None:
    """Write the stack of each task and thread."""
    with file.open("w") as told:
        try:
            tasks = asyncio.all_tasks()
        except RuntimeError:
            told.write("no loop is running\n")
            tasks = set()
        for task in tasks:
            task.print_stack(limit=6, file=told)
        told.flush()
        faulthandler.dump_traceback(told)


if __name__ == "__main__":
    from trigdash.cli import main

    file = Path(sys.argv.pop(1))
    signal.signal(signal.SIGUSR1, lambda *_: tell(file))
    raise SystemExit(main())
