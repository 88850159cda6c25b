"""Makes the step machine of the marketing addon importable."""

import sys
from pathlib import Path

ADDON = Path(__file__).resolve().parents[2] / 'fluxforce_whatsapp_marketing'
# At the end, so that the addon's own folders (tests, models) do not hide packages of the same name.
sys.path.append(str(ADDON))
