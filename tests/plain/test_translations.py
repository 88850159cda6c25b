"""The addons speak Spanish: every term of their templates is translated. ``setup/i18n`` brings the files up to date."""
import re
from collections import Counter
from pathlib import Path

import polib
import pytest

ROOT = Path(__file__).resolve().parents[2]
ADDONS = ('fluxforce_whatsapp', 'fluxforce_whatsapp_marketing')
PLACEHOLDER = re.compile(r'%(?:\(\w+\))?[sdrf]')
TAG = re.compile(r'<(/?\w+)[^>]*?(/?)>')
# Of an element's attributes only these are for people to read.
READ_ATTRIBUTE = re.compile(r'\b(title|aria-label|alt|placeholder)="[^"]*"')


def template(addon):
    return polib.pofile(str(ROOT / addon / 'i18n' / f'{addon}.pot'))


def spanish(addon):
    return polib.pofile(str(ROOT / addon / 'i18n' / 'es.po'))


def texts(entries):
    return [entry.msgid for entry in entries]


def differing(addon, found_in):
    """The terms of which ``found_in`` finds something else in the translation."""
    return [entry.msgid for entry in spanish(addon) if found_in(entry.msgid) != found_in(entry.msgstr)]


@pytest.fixture(params=ADDONS)
def addon(request):
    return request.param


def test_every_term_has_a_translation(addon):
    translated = {entry.msgid for entry in spanish(addon).translated_entries() if entry.msgstr.strip()}

    assert [text for text in texts(template(addon)) if text not in translated] == []


def test_nothing_is_uncertain_or_obsolete(addon):
    known = spanish(addon)

    assert texts(known.fuzzy_entries()) == []
    assert texts(known.obsolete_entries()) == []
    assert set(texts(known)) - set(texts(template(addon))) == set()


def test_placeholders_are_kept(addon):
    assert differing(addon, lambda text: set(PLACEHOLDER.findall(text))) == []


def test_html_is_kept(addon):
    assert differing(addon, lambda text: Counter(TAG.findall(text))) == []
    assert differing(addon, lambda text: Counter(
        READ_ATTRIBUTE.sub('', tag.group()) for tag in TAG.finditer(text))) == []


def test_the_files_say_nothing_of_the_machine_that_wrote_them(addon):
    """So that exporting the same terms again changes nothing."""
    for catalogue in (template(addon), spanish(addon)):
        assert not {'POT-Creation-Date', 'PO-Revision-Date', 'X-Generator'} & catalogue.metadata.keys()
        assert not catalogue.metadata_is_fuzzy


def test_questions_open_as_they_close(addon):
    assert [entry.msgid for entry in spanish(addon) if entry.msgstr.count('?') != entry.msgstr.count('¿')] == []
