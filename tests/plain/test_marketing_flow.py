"""Who is in a campaign's audience twice, and what the step machine may know."""

import ast
import sys
from pathlib import Path

ADDON = Path(__file__).resolve().parents[2] / 'fluxforce_whatsapp_marketing'
# At the end, so that the addon's own folders (tests, models) do not hide packages of the same name.
sys.path.append(str(ADDON))

from flow import audience  # noqa: E402  the line above makes it importable


def test_later_record_with_the_same_number_is_the_duplicate():
    assert audience.duplicates({1: '+441', 2: '+442', 3: '+441', 4: '+441'}) == {3, 4}


def test_number_that_has_the_campaign_already_is_a_duplicate():
    assert audience.duplicates({1: '+441', 2: '+442'}, {'+442'}) == {2}


def test_people_without_a_number_are_nobodys_duplicate():
    assert audience.duplicates({1: '', 2: '', 3: None}, {''}) == set()


def test_flow_knows_no_odoo():
    for path in (ADDON / 'flow').glob('*.py'):
        for node in ast.walk(ast.parse(path.read_text(encoding='utf-8'))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and not node.level:
                names.append(node.module)
            assert not [name for name in names if name.split('.')[0] == 'odoo'], path
