"""Nothing sends around the gate: request → gate → outbox → sender is the only way out.

Read from the source of the addons, so that a second way is found before it is used.
"""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ADDONS = ('fluxforce_whatsapp', 'fluxforce_whatsapp_marketing')
OUTBOX = 'fluxforce.whatsapp.message'
MODELS = 'fluxforce_whatsapp/models'
# Writes the rows of a mailing together, for the queue.
TOGETHER = 'fluxforce_whatsapp_marketing/models/fluxforce_whatsapp_message_mailing.py'


def sources():
    for addon in ADDONS:
        for path in sorted((ROOT / addon).rglob('*.py')):
            if 'tests' not in path.parts:
                yield path.relative_to(ROOT).as_posix(), path.read_text()


def calls(name):
    """:return: (file, function, node) of every call of something by this last name."""
    found = []
    for file, text in sources():
        for function in functions(ast.parse(text)):
            for node in ast.walk(function):
                if isinstance(node, ast.Call) and last_name(node.func) == name:
                    found.append((file, function.name, node))
    return found


def functions(tree):
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]


def last_name(node):
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, 'id', None)


def places(name):
    return {(file, function) for file, function, __ in calls(name)}


def test_the_clients_send_has_one_caller():
    callers = {(file, function) for file, function, node in calls('send')
               if last_name(node.func.value) != '_session'}  # the HTTP library's own
    assert callers == {('fluxforce_whatsapp/cloud_api/delivery.py', '_send')}


def test_only_the_sender_opens_the_pipeline_and_only_the_claim_fills_it():
    assert {file for file, __ in places('Pipeline')} == {f'{MODELS}/fluxforce_whatsapp_sender.py'}
    fillers = {place for place in places('Job') if 'media' not in place[0]}  # another Job: of files that come in
    assert fillers == {(f'{MODELS}/fluxforce_whatsapp_claim.py', '_jobs')}


def test_the_claim_asks_the_gate_before_it_fills_the_pipeline():
    path = ROOT / MODELS / 'fluxforce_whatsapp_claim.py'
    decide, = [node for node in functions(ast.parse(path.read_text())) if node.name == '_decide']
    lines = {name: min(node.lineno for node in ast.walk(decide)
                       if isinstance(node, ast.Call) and last_name(node.func) == name) for name in ('_judge', '_jobs')}
    assert lines['_judge'] < lines['_jobs']


def test_only_the_addons_client_speaks_http():
    pattern = re.compile(r'^\s*(?:import|from) (?:requests|urllib3|http\.client|urllib\.request)\b', re.MULTILINE)
    speakers = {file for file, text in sources() if pattern.search(text)}
    assert all(file.startswith('fluxforce_whatsapp/cloud_api/') for file in speakers)


def test_rows_enter_the_outbox_through_the_gate_only():
    makers = {(file, function) for file, function, node in calls('create') if makes_message(file, node)}
    drafts = f'{MODELS}/fluxforce_whatsapp_message_drafts.py'
    assert makers == {(drafts, '_insert')}
    # What writes the rows of a mailing together hands over to it, and nobody but the queue calls either.
    assert {place for place in places('_insert') if place[0] in files_of_the_outbox()} == {
        (drafts, '_enqueue'), (TOGETHER, '_insert')}
    enqueue, = [node for node in functions(ast.parse((ROOT / drafts).read_text())) if node.name == '_enqueue']
    lines = {last_name(node.func): node.lineno for node in ast.walk(enqueue) if isinstance(node, ast.Call)}
    assert lines['_judge_drafts'] < lines['_insert']


def makes_message(file, node):
    """:return: whether a ``create`` is one of the outbox: called on it by name, or on itself in a file of its model."""
    owner = ast.unparse(node.func.value)
    is_own = file in files_of_the_outbox() and owner.startswith('self') and 'env[' not in owner
    return is_own or f"'{OUTBOX}'" in owner


@cache
def files_of_the_outbox():
    pattern = re.compile(rf"^    _(?:name|inherit) = '{re.escape(OUTBOX)}'$", re.MULTILINE)
    return {file for file, text in sources() if pattern.search(text)}


def test_the_outbox_has_its_model_and_what_continues_it():
    assert {f'{MODELS}/fluxforce_whatsapp_message.py', f'{MODELS}/fluxforce_whatsapp_message_drafts.py'} <= (
        files_of_the_outbox())


@pytest.mark.parametrize('statement', [
    r'INSERT\s+INTO\s+fluxforce_whatsapp_message\b',
    r"UPDATE fluxforce_whatsapp_message\b[^;]{0,80}\bSET\s+state\s*=\s*'queued'",
])
def test_no_statement_puts_rows_into_the_queue(statement):
    assert {file for file, text in sources() if re.search(statement, text)} <= {TOGETHER}


def test_one_statement_writes_the_rows_of_a_mailing_and_puts_none_of_them_into_a_state():
    function, = [node for node in functions(ast.parse((ROOT / TOGETHER).read_text())) if node.name == '_insert']
    statements = re.findall(r'(?:INSERT INTO|UPDATE) fluxforce_whatsapp_message', (ROOT / TOGETHER).read_text())
    assert len(statements) == 1 and statements[0] in ast.unparse(function)
    assert "'queued'" not in (ROOT / TOGETHER).read_text()  # the gate's verdict says it


def test_only_the_claim_lets_a_message_go():
    setters = {(file, function) for file, function, node in calls('Decision')
               if any(isinstance(argument, ast.Constant) and argument.value == 'sending' for argument in node.args)}
    assert {file for file, __ in setters} == {f'{MODELS}/fluxforce_whatsapp_claim.py'}
    assert not [file for file, text in sources() if re.search(r"'state': 'sending'", text)]
