"""Makes this directory and those in it importable, so that tests can share modules."""

import sys
from pathlib import Path

_TESTS = Path(__file__).parent
sys.path[:0] = [str(_TESTS), *(str(path) for path in sorted(_TESTS.iterdir()) if path.is_dir())]
