"""`python -m trigdash`, the same as `trigdash`."""

import sys

from trigdash.cli import main

if __name__ == "__main__":
    sys.exit(main())
