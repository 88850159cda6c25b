"""Real processes: started with the same kit as setup/demo."""
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
for folder in (ROOT, ROOT / 'setup'):
    sys.path.insert(0, str(folder))

from kit import postgres  # noqa: E402


@pytest.fixture(scope='session')
def server():
    return postgres.from_environment()
