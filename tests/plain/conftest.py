"""The plain packages are tested without Odoo: importing the addon itself would import its models."""

import sys
from pathlib import Path

ADDON = Path(__file__).resolve().parents[2] / 'fluxforce_whatsapp'

# At the end, so that the addon's own folders (tests, models) do not hide packages of the same name.
sys.path.append(str(ADDON))
# What both kinds of tests share: samples.py.
sys.path.append(str(ADDON / 'tests'))
