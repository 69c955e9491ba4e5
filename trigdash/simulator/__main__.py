"""`python -m trigdash.simulator`, the same as `trigdash simulate`."""

import argparse
import sys

from trigdash.simulator import command

parser = argparse.ArgumentParser(prog="python -m trigdash.simulator", description=command.__doc__)
command.add_arguments(parser)
sys.exit(command.run(parser.parse_args()))
