"""`python -m controller.cli`: the same as `rempart`."""

from __future__ import annotations

import sys

from controller.cli.main import main

sys.exit(main())
