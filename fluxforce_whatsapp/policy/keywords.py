"""What somebody who writes a word like STOP wants.

A whole message that is a keyword is clear. A longer one that contains a clear wish is for a person to decide: "stop
sending me this" is one, "I get off at the bus stop" is none. Everything here compares words without case, accents,
punctuation and emoji. (Our own rules; Meta only asks that every wish to stop be heeded [M26:getting-opt-in].)
"""

import re
import unicodedata
from dataclasses import dataclass
from enum import Enum

#: Longer texts are letters, not commands; only so much is looked at.
LONGEST = 1000
#: Said out of courtesy around a keyword: "Stop please, thank you" is as clear as "Stop". Compared as whole words.
COURTESY = (
    'please', 'pls', 'plz', 'thanks', 'thank you', 'thx', 'hi', 'hello', 'ok', 'okay', 'sorry',
    'por favor', 'porfavor', 'porfa', 'gracias', 'muchas gracias', 'hola', 'perdon',
    'obrigado', 'obrigada', 'ola', 'oi', 'se faz favor',
    's il vous plait', 's il te plait', 'svp', 'stp', 'merci', 'bonjour',
    'bitte', 'danke', 'hallo', 'vielen dank',
    'per favore', 'per piacere', 'grazie', 'ciao',
)
# What a stop is about, where the verb alone would not tell.
_THINGS_EN = (r'(?:messages?|texts?|whatsapps?|ads?|adverts?|advertising|offers?|promos?|promotions?|marketing|spam|'
              r'news)')
_THINGS_ES = r'(?:mensajes?|publicidad|propaganda|promociones|ofertas|whatsapps?|wasaps?|spam|nada)'
_THINGS_PT = r'(?:mensagens|mensagem|publicidade|propaganda|promocoes|ofertas|whatsapps?|spam|nada)'
_THINGS_FR = r'(?:messages?|pubs?|publicites?|promotions?|promos?|offres?|whatsapps?|spam|sms)'
_THINGS_DE = r'(?:nachrichten?|werbung|angebote|whatsapps?|mitteilungen|newsletter|spam)'
_THINGS_IT = r'(?:messaggi|messaggio|pubblicita|offerte|promozioni|whatsapp|spam|comunicazioni)'
# Wishes inside a longer text, as compared: lower case, no accents, apostrophes and punctuation are spaces.
_WISHES = (
    # English
    r'stop (?:sending|messaging|texting|writing(?: to)? (?:me|us)|contacting|spamming|bothering|whatsapping)',
    rf'stop (?:(?:all|the|these|this|those|your|with|any) )*{_THINGS_EN}',
    r'(?:take|remove|delete) (?:me|my number) (?:off|from)',
    r'unsubscribe(?: me)?', r'opt(?:ed)? (?:me )?out', r'opting out', r'leave me alone',
    rf'no more (?:\w+ )?{_THINGS_EN}',
    r'(?:do not|don t|dont|never) (?:ever )?(?:message|text|write(?: to)?|contact|spam|bother|disturb|whatsapp) me',
    rf'(?:do not|don t|dont) send me (?:any ?more|any|more|these|this|such|your) ?(?:\w+ )?(?:{_THINGS_EN})?',
    r'(?:do not|don t|dont|no longer) (?:want|wish) (?:to )?'
    rf'(?:(?:receive|get|have|any|more|your|these) )*{_THINGS_EN}',
    # Spanish
    r'no (?:me|nos) (?:vuelv\w+ a )?(?:escrib|mand|envi|contact|molest|spame)\w*(?: nada)? mas',
    r'no (?:me|nos) vuelv\w+ a (?:escrib|mand|envi|contact|molest)\w*',
    r'no (?:me|nos) (?:escrib|contact|molest)(?:as|an|ais|a|es|en|eis|e)$',
    rf'no (?:me|nos) (?:mand|envi)\w+ (?:mas )?{_THINGS_ES}',
    r'(?:deja|deje|dejen|dejad|dejar|pare|paren|parad|para) (?:ya )?de (?:escrib|mand|envi|molest|contact)\w*',
    rf'no (?:quiero|queremos|deseo|quisiera) (?:(?:recibir|mas|sus|tus|vuestros|estos) )*{_THINGS_ES}',
    r'(?:dame|deme|denme|dadme|darme|darnos|dar|me doy|doyme) de baja',
    r'(?:borra|borre|borren|elimina|elimine|eliminen|quita|quite|quiten|saca|saque|saquen)(?:me|dme) de',
    # Portuguese
    r'nao (?:me |nos )?(?:mand|envi|escrev|contact|contat|incomod)\w*(?: me)?(?: \w+)? mais',
    r'(?:pare|parem|para|deixe|deixem) de (?:me )?(?:mand|envi|escrev|contact|contat|incomod)\w*',
    rf'nao (?:quero|queremos|desejo) (?:(?:mais|receber|as|suas|estas|essas) )*{_THINGS_PT}',
    r'(?:(?:tire|tirem|retire|remova|removam|exclua|apague) me|me (?:tire|tirem|tira|retire|remova|exclua|apague)) '
    r'd[aeo]',
    r'(?:cancelar|cancele|cancelem) (?:a |minha |a minha )?(?:inscricao|subscricao)', r'descadastr\w+',
    # French
    r'n(?:e)?(?: m| me| nous)? (?:envoy|envoi|ecri|contact|harcel|derang)\w*(?: moi)?(?: plus| pas)',
    r'arret\w* (?:de|d) (?:(?:m|me|nous) )?(?:envoyer|ecrire|contacter|harceler|deranger|spammer)',
    rf'(?:arret\w*|stop a?u?x?) ?(?:(?:avec|vos|tes|ces|les|a|aux) )*{_THINGS_FR}',
    rf'(?:ne )?(?:veux|voulons|souhaite|souhaitons|desire) plus (?:recevoir|etre contact\w+|de (?:vos )?{_THINGS_FR})',
    rf'plus (?:de|aucune?) {_THINGS_FR}',
    r'(?:me |se |nous )?(?:desabonner|desinscrire)|(?:desabonnez|desinscrivez|desabonne|desinscris) moi',
    r'(?:retirez|supprimez|enlevez|retire|supprime|enleve) (?:moi|mon numero) de',
    # German
    r'(?:schreib\w*|schick\w*|send\w*|kontaktier\w*) (?:sie )?(?:mir|mich|uns) (?:bitte )?'
    r'(?:(?:nicht|nichts|nie|keine|keinen)(?: \w+)? mehr|nie wieder)',
    rf'keine? (?:weiteren? )?{_THINGS_DE} mehr',
    rf'keine (?:weiteren )?{_THINGS_DE}(?: \w+)? (?:erhalten|bekommen|haben)',
    r'(?:hor|hort|horen|hoeren|hore) (?:sie )?(?:bitte )?(?:endlich )?auf (?:mir|mich|damit|uns)',
    rf'stopp?(?:t|en)? (?:sie )?(?:bitte )?(?:(?:die|diese|eure|ihre|deine|mit|der|den) )*{_THINGS_DE}',
    r'(?:meld\w*|trag\w*) (?:sie )?mich (?:bitte )?(?:\w+ ){0,3}(?:ab|aus)\b', r'(?:mich|uns) (?:bitte )?abmelden',
    r'(?:nimm|nehmt|nehmen|losch\w*|loesch\w*|streich\w*|entfern\w*) (?:sie )?(?:mich|meine nummer) '
    r'(?:bitte )?(?:aus|von)',
    r'lass(?:t|en)? (?:sie )?mich (?:bitte )?in ruhe',
    # Italian
    r'non (?:mi |ci )?(?:scriv|mand|invi|contatt|disturb|spamm)\w*(?: \w+){0,2} piu',
    r'smett\w+ di (?:scriv|mand|invi|contatt|disturb)\w*', rf'basta (?:con )?(?:\w+ )?{_THINGS_IT}',
    rf'non (?:voglio|vogliamo|desidero) (?:(?:piu|ricevere|vostri|i|altri|altre) )*(?:{_THINGS_IT}|ricevere)',
    r'(?:cancell|toglie|togli|rimuov|elimin)\w*mi d(?:a|al|alla|ai|alle|i|el|ella)\b',
    r'disiscriv\w+', r'(?:annulla|annullate|cancella) (?:la )?(?:mia )?iscrizione',
)
# "Don't stop sending me these" and "never unsubscribe me" say the contrary.
_NOT = ''.join(rf'(?<!\b{words} )' for words in (
    'don t', 'dont', 'do not', 'never', 'not', 'didn t', 'doesn t', 'no quiero', 'nao', 'non', 'nicht', 'ne'))
_WISH = re.compile(rf'\b{_NOT}(?:{"|".join(_WISHES)})(?!\w)')
_SENTENCE = re.compile(r'[.!?;:\n…]+')
_COURTESIES = '|'.join(sorted(COURTESY, key=len, reverse=True))
_BEFORE = re.compile(rf'^(?:(?:{_COURTESIES}) )+')
_AFTER = re.compile(rf'(?: (?:{_COURTESIES}))+$')


class Wish(str, Enum):
    """What a text wants."""

    #: The whole message is a stop word.
    STOP = 'stop'
    #: The whole message is a word that lifts a stop.
    START = 'start'
    #: Somewhere in the message stands a wish to stop: a person decides.
    LOOKS_LIKE_STOP = 'looks_like_stop'

    def __str__(self):
        return self.value


@dataclass(frozen=True)
class Keyword:
    """:ivar word: as written. :ivar kind: ``stop`` or ``start``. :ivar language: e.g. ``es``, '' if of none"""

    word: str
    kind: str
    language: str = ''


@dataclass(frozen=True)
class Found:
    """:ivar wish: ``Wish``. :ivar languages: of the keywords that matched, in their order; of a sentence none"""

    wish: Wish
    languages: tuple[str, ...] = ()


def normalise(text):
    """Reduce a text to what counts in comparing: its letters and digits, without case, accents and ornament.

    Letters in other shapes (full width, mathematical bold) are the same letters; ``S.T.O.P`` is ``stop``.

    :rtype: str
    """
    letters = unicodedata.normalize('NFKD', unicodedata.normalize('NFKC', text or '').casefold())
    kept = ''.join(_kept(char) for char in letters)
    words = unicodedata.normalize('NFC', kept).split()
    if len(words) > 2 and all(len(word) == 1 for word in words):
        return ''.join(words)
    return ' '.join(words)


def _kept(char):
    category = unicodedata.category(char)
    # Accents go; the vowel signs of scripts that need them (Mc) stay. Invisible joiners are no gap.
    if category in ('Mn', 'Me', 'Cf'):
        return ''
    return char if category[0] in 'LN' or category == 'Mc' else ' '


def match(text, keywords):
    """Find what somebody wants by a message.

    Between a stop and a start word that are the same, the stop wins: doubt is decided for the person.

    :param str text: of one message, as written
    :param Iterable[Keyword] keywords: those that count
    :return: None if it is an ordinary message
    :rtype: Found | None
    """
    return Matcher(keywords).match(text)


class Matcher:
    """Keywords made ready for many texts."""

    def __init__(self, keywords):
        self._languages = {}
        for keyword in keywords:
            word = normalise(keyword.word)
            if word:
                self._languages.setdefault((Wish(keyword.kind), word), []).append(keyword.language or '')

    def match(self, text):
        """:return: as the function :func:`match`."""
        text = (text or '')[:LONGEST + 1]
        words = normalise(text)
        if not words or len(text) > LONGEST:
            return None
        for wish in (Wish.STOP, Wish.START):
            if languages := self._whole(words, wish):
                return Found(wish, tuple(languages))
        return Found(Wish.LOOKS_LIKE_STOP) if self._looks_like_stop(text, words) else None

    def _whole(self, words, wish):
        """:return: languages of the keyword that the message is, maybe said several times or politely; else None."""
        for form in (words, _once(words), _once(_plain(words))):
            if (wish, form) in self._languages:
                return self._languages[wish, form]
        return None

    def _looks_like_stop(self, text, words):
        if _WISH.search(words):
            return True
        # "I asked you before. STOP!": a sentence of its own.
        sentences = [normalise(sentence) for sentence in _SENTENCE.split(text)]
        return any(self._whole(sentence, Wish.STOP) for sentence in sentences if sentence)


def _once(words):
    """:return: ``stop stop stop`` as ``stop``."""
    return re.sub(r'^(.+?)(?: \1)+$', r'\1', words) if len(words) < 100 else words


def _plain(words):
    """:return: without courtesies around it; a message of nothing else stays."""
    return _AFTER.sub('', _BEFORE.sub('', words)) or words
