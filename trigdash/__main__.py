"""`python -m trigdash`, and the installed command."""

import gc
import sys


def run() -> int:
    """Run the command that the process was started with; its exit code.

    Imports make many objects and no garbage. Long-running commands turn the collector on again, see
    `trigdash.config.collector`.
    """
    gc.disable()
    from trigdash.cli import main

    try:
        return main()
    finally:
        # The system frees the memory as a whole, where the collector would visit each object.
        gc.freeze()


if __name__ == "__main__":
    sys.exit(run())
