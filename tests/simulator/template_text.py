"""The rules for one text of a new template, whichever part it stands in."""

import re

from .errors import GraphError
from .template_spec import variables

HIDDEN = re.compile('[\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]')
UNWANTED = re.compile('[\x00-\x09\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]')
EMOJI = re.compile('[\U0001f300-\U0001faff\u2600-\u27bf]')
MARKS = re.compile(r'[*~`]')
PLACEHOLDER = re.compile(r'\{\{.*?\}\}')
# letters and digits in a row are a word; signs of scripts without spaces are one each
WIDE = r'[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]'
WORD = re.compile(rf'{WIDE}|(?:(?!{WIDE})[^\W_])+')
WORDS_PER_VARIABLE = 2
BODY, HEADER, FOOTER, BUTTON = 2388072, 2388047, 2388073, 2388040


def refuse(subcode, title, text):
    """Return the error in the form template creation uses: code 100 with a subcode and words for the user."""
    return GraphError(100, message='Invalid parameter', subcode=subcode, user=(title, text))


def check_length(text, limit, subcode, name):
    """A text has 1 to `limit` characters."""
    if not HIDDEN.sub('', text).strip() or len(text) > limit:
        raise refuse(subcode, f'{name} format is incorrect', f'{name} has 1 to {limit} characters.')


def check_signs(text, subcode, name):
    """No control characters, no marks that turn the reading direction."""
    if UNWANTED.search(text):
        raise refuse(subcode, f'{name} format is incorrect', f'{name} holds invisible characters.')


def check_plain(text, subcode, name):
    """One line without formatting and emoji."""
    plain = PLACEHOLDER.sub('', text)
    if '\n' in text or EMOJI.search(plain) or MARKS.search(plain):
        raise refuse(subcode, f'{name} format is incorrect',
                     f"{name} can't have any new lines, formatting characters, emojis or asterisks.")


def check_no_variables(text, subcode, name):
    """Fixed text only."""
    if '{{' in text or '}}' in text:
        raise refuse(subcode, f'{name} format is incorrect', f"{name} can't have any variables.")


def check_names(text, named, subcode):
    """Return the variables of a text; all numbered in order, or all named."""
    names = variables(text)
    rest = re.sub(r'\{\{\s*\w+\s*\}\}', '', text)
    if '{{' in rest or '}}' in rest:
        raise refuse(subcode, 'Variable is incorrect', 'A variable is written {{1}} or {{name}}.')
    if named and not all(re.fullmatch(r'[a-z][a-z0-9_]*', name) for name in names):
        raise refuse(subcode, 'Variable name is incorrect', 'Named variables use lowercase letters and underscores.')
    if not named and names != [str(number) for number in range(1, len(names) + 1)]:
        raise refuse(subcode, 'Variables are not sequential', 'Number the variables {{1}}, {{2}} and so on.')
    return names


def check_places(text, names):
    """Variables are neither first nor last, not side by side, and have enough words around them."""
    seen = HIDDEN.sub('', text).strip()
    if names and (seen.startswith('{{') or seen.endswith('}}')):
        raise refuse(2388299, "Variables can't be at the start or end", 'Put text before and after the variables.')
    if re.search(r'\}\}\s*\{\{', seen):
        raise refuse(BODY, 'Variables are adjacent', 'Put text between the variables.')
    words = len(WORD.findall(PLACEHOLDER.sub(' ', text)))
    if names and words < WORDS_PER_VARIABLE * len(names) + 1:
        raise refuse(2388293, 'Too many variables', 'The text is too short for so many variables.')


def check_examples(example, key, names, named):
    """Every variable has one example, and there are no others."""
    if named:
        pairs = example.get(f'{key}_named_params') or []
        given = {pair.get('param_name'): pair.get('example') for pair in pairs}
        good = set(given) == set(names) and len(pairs) == len(names)
    else:
        rows = example.get(key) or []
        row = (rows[0] if rows else []) if key == 'body_text' else rows
        given = dict(enumerate(row))
        good = len(row) == len(names)
    if not good or not all((value or '').strip() for value in given.values()):
        raise refuse(2388043, 'Example is missing', f'Every variable needs one example in example.{key}.')
