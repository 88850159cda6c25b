"""Reading the message that an opt-in link puts into a person's mouth.

The link opens a conversation with a text that carries a code; sending it is the consent. People cut, add and correct:
that is fine as long as the code is there and nothing says the opposite. What says more is for a person to read.
(Our own rules; Meta asks for a clear act of the person [M26:getting-opt-in].)
"""

import re
import unicodedata
from dataclasses import dataclass

#: Without vowels no code reads as a word, without 0, 1, I, O, L and U none is misread.
CODE_ALPHABET = 'BCDFGHJKMNPQRSTVWXZ23456789'
CODE_LENGTH = 6
#: So many words more than the text of the link are a message of its own.
MOST_ADDED_WORDS = 10
#: Words that turn a sentence into its opposite, or stop, in the languages of the stop words, without accents.
_NEGATIONS = frozenset({
    'no', 'not', 'never', 'dont', 'cannot', 'cant', 'wont', 'stop', 'unsubscribe', 'cancel', 'remove', 'delete',
    'nunca', 'jamas', 'ningun', 'ninguna', 'basta', 'baja', 'sin', 'borrar', 'borrame', 'borrenme', 'eliminar',
    'eliminame', 'eliminenme', 'quitame', 'quitenme',
    'nao', 'nem', 'parar', 'sair', 'cancelar', 'descadastrar', 'descadastre', 'remover', 'remova', 'retire',
    'non', 'pas', 'jamais', 'ne', 'arret', 'arreter', 'stopper', 'desabonner', 'desinscrire', 'supprimer', 'supprimez',
    'retirez',
    'nein', 'nicht', 'nie', 'kein', 'keine', 'keinen', 'stopp', 'abmelden', 'abbestellen', 'loschen',
    'loscht',
    'mai', 'niente', 'nessun', 'nessuna', 'fermare', 'cancella', 'cancellami', 'disiscrivi', 'disiscrivermi',
    'rimuovimi',
})

# French "n'envoyez", with either apostrophe.
_ELIDED = re.compile(r"(?<!\w)n['\u2019](?=\w)", re.IGNORECASE)
_WORD = re.compile(r'\w+')
_CODE = re.compile(rf'(?<!\w)[{CODE_ALPHABET}]{{{CODE_LENGTH}}}(?!\w)', re.IGNORECASE)


@dataclass(frozen=True)
class Invitation:
    """An opt-in link, as far as its message goes.

    :ivar code: upper case
    :ivar text: with which the conversation opens, including the code
    """

    code: str
    text: str


def codes_in(text):
    """:return: what may be codes in a message, upper case, in their order, each once. :rtype: list[str]"""
    return list(dict.fromkeys(code.upper() for code in _CODE.findall(text or '')))


def without_codes(text, codes):
    """:return: what is said beside the codes of known links, so that ``STOP (K7M2QX)`` is a stop."""
    return _CODE.sub(lambda found: ' ' if found[0].upper() in codes else found[0], text or '')


def words_of(text):
    """:return: the words of a text, without case, accents, punctuation and emoji. :rtype: list[str]"""
    plain = unicodedata.normalize('NFKD', (text or '').casefold().replace("'", '').replace('\u2019', ''))
    return _WORD.findall(''.join(char for char in plain if not unicodedata.combining(char)))


def same_words(text, other):
    """:return: whether two texts are the same but for case, accents, punctuation and emoji."""
    return bool(words_of(text)) and words_of(text) == words_of(other)


def accepts(text, invitation):
    """Decide whether a message takes up an invitation.

    Who leaves the text of the link as it is means it as it is; in any other text a word that says the opposite counts,
    also one that stands in the text of the link.

    :param str text: what the person wrote
    :param Invitation invitation: whose code is in it
    :rtype: bool
    """
    if invitation.code not in codes_in(text):
        return False
    if same_words(text, invitation.text):
        return True
    words = words_of(text)
    return len(_added(words, words_of(invitation.text))) <= MOST_ADDED_WORDS and not _says_no(text, words)


def _says_no(text, words):
    return bool(_NEGATIONS.intersection(words) or _ELIDED.search(text))


def _added(words, expected):
    """:return: the words that are not in the text of the link; a word said twice is added once."""
    left = list(expected)
    added = []
    for word in words:
        if word in left:
            left.remove(word)
        else:
            added.append(word)
    return added
