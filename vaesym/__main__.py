"""``python -m vaesym``: the command line."""

import sys

from vaesym.cli.app import main

if __name__ == "__main__":
    sys.exit(main())
