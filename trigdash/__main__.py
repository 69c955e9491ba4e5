"""`python -m trigdash`, and the installed command."""

import gc
import sys


def run() -> int:
    """Run the command that the process was started with; its exit code.

    Imports make many objects and no garbage. What lives longer collects again by itself, see
    `trigdash.config.collector`.
    """
    gc.disable()
    from trigdash.cli import main

    try:
        return main()
    finally:
        # The system takes the memory back as a whole. The collector would look at each object.
        gc.freeze()


if __name__ == "__main__":
    sys.exit(run())
