"""The people on the other side: who they are, how their number may be dialled, how they behave."""

import hashlib
import re
from dataclasses import dataclass, field, fields, replace
from functools import lru_cache

COUNTRIES = {
    '1': 'US', '27': 'ZA', '31': 'NL', '32': 'BE', '33': 'FR', '34': 'ES', '39': 'IT', '41': 'CH', '43': 'AT',
    '44': 'GB', '48': 'PL', '49': 'DE', '51': 'PE', '52': 'MX', '54': 'AR', '55': 'BR', '56': 'CL', '57': 'CO',
    '61': 'AU', '81': 'JP', '90': 'TR', '91': 'IN', '351': 'PT', '353': 'IE', '593': 'EC', '971': 'AE',
}
FIRST_NAMES = ('Mira', 'Luc', 'Noa', 'Ana', 'Jonas', 'Leila', 'Marta', 'Theo', 'Rui', 'Iria', 'Paula', 'Milan')
LAST_NAMES = ('Vogt', 'Arnaud', 'Ribera', 'Costa', 'Brandt', 'Haddad', 'Nowak', 'Weber', 'Sousa', 'Lema')
BSUID = re.compile(r'[A-Z]{2}\.(ENT\.)?[A-Za-z0-9]{1,128}')
PHONE = re.compile(r'\d{7,15}')
PUNCTUATION = re.compile(r'[\s().-]')


@dataclass
class Person:
    """One WhatsApp user; delays are seconds, None = the default of the settings."""

    wa_id: str
    name: str = ''
    aliases: list = field(default_factory=list)
    on_whatsapp: bool = True
    reads: bool | None = None
    delivered_after: float | None = None
    read_after: float | None = None
    replies: str | None = None
    reply_after: float | None = None
    replies_to: str = 'template'
    taps: str | list | None = None
    clicks: bool = False
    click_after: float | None = None
    blocked: bool = False
    stopped_marketing: bool = False
    hidden_number: bool = False
    fails_with: int | None = None
    user_id: str = ''
    username: str = ''

    def __post_init__(self):
        """Fill in what a script left out, always the same for the same number."""
        digest = hashlib.sha256(self.wa_id.encode()).digest()
        if not self.name:
            self.name = f'{FIRST_NAMES[digest[0] % len(FIRST_NAMES)]} {LAST_NAMES[digest[1] % len(LAST_NAMES)]}'
        if not self.user_id:
            self.user_id = user_id_of(self.wa_id)
        if self.hidden_number and not self.username:
            self.username = f'user.{digest.hex()[:8]}'

    def choice(self, buttons):
        """Return the quick reply the person presses, or None: of several labels the first that is there."""
        labels = [self.taps] if isinstance(self.taps, str) else self.taps or ()
        shown = {button['text']: button for button in buttons}
        return next((shown[label] for label in labels if label in shown), None)

    def contact(self):
        """Return the `contacts[]` entry of a webhook."""
        profile = {'name': self.name}
        if self.username:
            profile['username'] = self.username
        entry = {'profile': profile}
        if not self.hidden_number:
            entry['wa_id'] = self.wa_id
        entry['user_id'] = self.user_id
        return entry


FIELDS = {item.name for item in fields(Person)}


class UnknownField(ValueError):
    """A script of a person with a key the simulator does not know."""


def country_of(wa_id):
    """Return the two-letter country of a number, ZZ when the small table does not have it."""
    for length in (3, 2, 1):
        if wa_id[:length] in COUNTRIES:
            return COUNTRIES[wa_id[:length]]
    return 'ZZ'


def user_id_of(wa_id, former=''):
    """Return the business-scoped user id of a number, another one after each `former`."""
    digest = hashlib.sha256(f'{wa_id}{former}'.encode()).digest()
    return f'{country_of(wa_id)}.{int.from_bytes(digest[:9], "big"):020d}'[:23]


def digits_of(dialled):
    """Return the digits of a dialled number, or '' when it cannot be one."""
    return _digits_of(dialled) if isinstance(dialled, str) else ''


@lru_cache(4096)
def _digits_of(dialled):
    digits = PUNCTUATION.sub('', dialled.strip().removeprefix('+'))
    return digits if PHONE.fullmatch(digits) else ''


def forms(digits):
    """Return every way the same line may be dialled, the form WhatsApp prefers first."""
    if digits.startswith('52'):
        return _mexico(digits)
    if digits.startswith('54'):
        return _argentina(digits)
    if digits.startswith('55'):
        return _brazil(digits)
    return [digits]


def _mexico(digits):
    local = digits[3:] if len(digits) == 13 and digits[2] == '1' else digits[2:]
    return [f'521{local}', f'52{local}'] if len(local) == 10 else [digits]


def _argentina(digits):
    local = digits[3:] if len(digits) == 13 and digits[2] == '9' else digits[2:]
    return [f'549{local}', f'54{local}'] if len(local) == 10 else [digits]


def _brazil(digits):
    area, line = digits[2:4], digits[4:]
    if len(line) == 9 and line[0] == '9':
        line = line[1:]
    if len(line) != 8 or line[0] not in '6789':
        return [digits]
    long, short = f'55{area}9{line}', f'55{area}{line}'
    # accounts of area codes above 28 mostly keep the old form without the ninth digit
    return [long, short] if int(area) <= 28 else [short, long]


class Directory:
    """All people, listed ones and those who were met on the way."""

    def __init__(self, scripts=()):
        """Take the scripts of the listed people (dicts)."""
        self.by_number = {}
        self.by_user_id = {}
        self.listed = {}
        for script in scripts:
            self.put(script)

    def put(self, script):
        """Add a person or change the given keys of a known one; return the person."""
        unknown = set(script) - FIELDS
        if unknown:
            raise UnknownField(f'unknown key {min(unknown)}')
        known = self.listed.get(script['wa_id'])
        person = replace(known, **script) if known else Person(**script)
        self.listed[person.wa_id] = person
        for number in (person.wa_id, *(digits_of(alias) for alias in person.aliases)):
            self.by_number[number] = person
        self.by_user_id[person.user_id] = person
        return person

    def move(self, person, wa_id='', user_id=''):
        """Give a person another number (and with it another user id) or another user id only.

        Raises ValueError when somebody has the number already.
        """
        if wa_id and wa_id in self.by_number:
            raise ValueError(f'{wa_id} is the number of somebody else')
        del self.by_user_id[person.user_id]
        person.user_id = user_id or user_id_of(wa_id or person.wa_id, person.user_id)
        self.by_user_id[person.user_id] = person
        if wa_id:
            self._renumber(person, wa_id)

    def _renumber(self, person, wa_id):
        """Nobody is left at the old number."""
        self.by_number = {number: who for number, who in self.by_number.items() if who is not person}
        self.by_number[person.wa_id] = Person(person.wa_id, on_whatsapp=False)
        if self.listed.pop(person.wa_id, None):
            self.listed[wa_id] = person
        person.wa_id = wa_id
        self.by_number[wa_id] = person

    def by_phone(self, digits):
        """Return the person who answers at `digits`, however the line was dialled."""
        variants = forms(digits)
        for number in (digits, *variants):
            if number in self.by_number:
                return self.by_number[number]
        person = Person(variants[0])
        self.by_number[person.wa_id] = person
        self.by_user_id[person.user_id] = person
        return person

    def by_bsuid(self, user_id):
        """Return the person behind a business-scoped user id, or None."""
        return self.by_user_id.get(user_id)
