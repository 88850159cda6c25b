"""Where things are. Everything this kit writes is below CACHE."""
import os
from pathlib import Path

SETUP = Path(__file__).resolve().parent.parent
ROOT = SETUP.parent
CACHE = Path(os.environ.get('FLUXFORCE_CACHE') or ROOT / '.cache').resolve()
VENV = CACHE / 'venv'
PINS = SETUP / 'pins'
ADDONS = ('fluxforce_whatsapp', 'fluxforce_whatsapp_marketing')
