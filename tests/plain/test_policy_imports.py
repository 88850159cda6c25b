"""The plain packages stay plain."""

import ast
from pathlib import Path

import pytest

ADDON = Path(__file__).resolve().parents[2] / 'fluxforce_whatsapp'
FOREIGN = {'requests', 'urllib3'}


def imported(package):
    """Top-level names a package imports absolutely, and how far its relative imports lead out of it."""
    names, levels = set(), {0}
    for path in (ADDON / package).rglob('*.py'):
        depth = len(path.relative_to(ADDON / package).parts)
        for node in ast.walk(ast.parse(path.read_text(encoding='utf-8'))):
            if isinstance(node, ast.Import):
                names |= {alias.name.split('.')[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.level:
                levels.add(node.level - depth)
            elif isinstance(node, ast.ImportFrom):
                names.add(node.module.split('.')[0])
    return names, max(levels)


@pytest.mark.parametrize('package', ['cloud_api', 'policy'])
def test_package_knows_neither_odoo_nor_its_callers(package):
    names, level = imported(package)
    assert not names & {'odoo', 'cloud_api', 'policy', 'fluxforce_whatsapp'}
    assert level == 0


def test_policy_makes_no_calls():
    assert not imported('policy')[0] & FOREIGN
