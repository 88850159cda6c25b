"""``setup/i18n``: write the terms of the addons to their i18n/<addon>.pot, bring i18n/es.po up to date, count."""
import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import polib

from . import databases, odoo, postgres
from .paths import ADDONS, ROOT
from .report import Stop, run, say, step

DATABASE = 'fluxforce_i18n'
LANGUAGE = 'es'
# Only what stays the same when nothing was changed: no dates and no names of tools.
METADATA = {
    'Project-Id-Version': 'Odoo Server 19.0',
    'MIME-Version': '1.0',
    'Content-Type': 'text/plain; charset=UTF-8',
    'Content-Transfer-Encoding': '8bit',
}
LANGUAGE_METADATA = {'Language': LANGUAGE, 'Plural-Forms': 'nplurals=2; plural=(n != 1);'}
# Odoo's own exporter. Its command takes its connection from a configuration file only, the shell from options.
EXPORT = """
from odoo.tools.translate import trans_export
for addon, path in {paths}.items():
    with open(path, 'wb') as output:
        trans_export(None, [addon], output, 'po', env)
"""


def main():
    parser = argparse.ArgumentParser(prog='setup/i18n', description=__doc__)
    postgres.add_arguments(parser)
    server = postgres.server(parser.parse_args())
    databases.ensure(server, DATABASE)
    counts = {}
    with tempfile.TemporaryDirectory() as folder, step('Export'):
        for addon, path in export(server, Path(folder)).items():
            counts[addon] = refresh(ROOT / addon / 'i18n', addon, polib.pofile(str(path)))
    print(json.dumps(counts, indent=2))
    return 0


def export(server, folder):
    """:return: for each addon the path of what Odoo exported, in ``folder``."""
    paths = {addon: str(folder / f'{addon}.po') for addon in ADDONS}
    command = [sys.executable, '-m', 'odoo', 'shell', *odoo.common_options(server, DATABASE), '--no-http',
               '--log-level=error']
    done = subprocess.run(command, input=EXPORT.format(paths=paths), capture_output=True, text=True, check=False)
    # A file the exporter cannot read is only logged.
    if done.returncode or ' ERROR ' in done.stderr:
        raise Stop('The export failed:\n' + '\n'.join(done.stderr.strip().splitlines()[-8:]))
    return paths


def refresh(folder, addon, exported):
    """Write both files of one addon. :return: what was counted."""
    folder.mkdir(exist_ok=True)
    template = catalogue(addon, METADATA)
    template.extend(exported)
    template.save(str(folder / f'{addon}.pot'))

    path = folder / f'{LANGUAGE}.po'
    known = {entry.msgid: entry for entry in read(path) if not entry.obsolete}
    language = catalogue(addon, {**METADATA, **LANGUAGE_METADATA})
    language.extend(translated(entry, known.get(entry.msgid)) for entry in exported)
    language.save(str(path))

    untranslated, fuzzy = language.untranslated_entries(), language.fuzzy_entries()
    for what, entries in (('untranslated', untranslated), ('fuzzy', fuzzy)):
        for entry in entries:
            say(f'  {addon}: {what}: {entry.msgid!r}')
    return {
        'terms': len(language), 'translated': len(language.translated_entries()), 'untranslated': len(untranslated),
        'fuzzy': len(fuzzy), 'dropped': len(known.keys() - {entry.msgid for entry in language}),
    }


def catalogue(addon, metadata):
    made = polib.POFile()
    made.header = '\n'.join(
        ['Translation of Odoo Server.', 'This file contains the translation of the following modules:', f'* {addon}'])
    made.metadata = dict(metadata)
    return made


def read(path):
    return polib.pofile(str(path)) if path.exists() else []


def translated(entry, known):
    """A copy of ``entry`` with what is known of its translation."""
    return polib.POEntry(
        msgid=entry.msgid, msgstr=known.msgstr if known else '', flags=known.flags if known else [],
        tcomment=known.tcomment if known else '', comment=entry.comment, occurrences=entry.occurrences)


if __name__ == '__main__':
    run(main)
