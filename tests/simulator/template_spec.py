"""What a template needs to be sent."""

import re

VARIABLE = re.compile(r'\{\{\s*(\w+)\s*\}\}')
BODY_MAX = 1024
OFFER_BODY_MAX = 600
CARD_BODY_MAX = 160
CODE_MAX = 20
OFFER_CODE_MAX = 15
#: What Meta makes of the button and the text of an authentication template.
OTP_URL = 'https://www.whatsapp.com/otp/code/?code=otp{{1}}'
OTP_TEXT = '*{{1}}* is your verification code.'


def variables(text):
    """Return the names of the variables of a text, each once, in order."""
    return list(dict.fromkeys(VARIABLE.findall(text or '')))


def kind_of(part, key='type'):
    """Return a type in upper case, however Meta or a test writes it."""
    return str(part.get(key, '')).upper()


class TemplateSpec:
    """The places of one template, or of one card of its carousel, that take parameters."""

    def __init__(self, components, parameter_format='POSITIONAL', card=False):
        """Read the components as Meta lists them."""
        parts = {kind_of(part): part for part in components}
        self.named = str(parameter_format or '').upper() == 'NAMED'
        self.header = parts.get('HEADER', {})
        self.header_format = kind_of(self.header, 'format')
        self.header_names = variables(self.header.get('text'))
        self.body_text = parts.get('BODY', {}).get('text', '')
        self.buttons = parts.get('BUTTONS', {}).get('buttons', [])
        if any(kind_of(button) == 'OTP' for button in self.buttons):
            self.buttons = [{**button, 'type': 'URL', 'url': OTP_URL} for button in self.buttons]
            self.body_text = self.body_text or OTP_TEXT
        self.body_names = variables(self.body_text)
        self.kinds = [kind_of(button) for button in self.buttons]
        self.offer = parts.get('LIMITED_TIME_OFFER', {}).get('limited_time_offer') or {}
        self.cards = [TemplateSpec(item.get('components', []), parameter_format, card=True)
                      for item in parts.get('CAROUSEL', {}).get('cards', [])]
        self.body_max = CARD_BODY_MAX if card else OFFER_BODY_MAX if self.offer else BODY_MAX
        self.code_max = OFFER_CODE_MAX if self.offer else CODE_MAX
        # {{1}} takes the first parameter wherever it stands in the text
        self.ordered = {place: sorted(names, key=_position_of) for place, names in
                        (('header', self.header_names), ('body', self.body_names))}

    @property
    def takes_tap_target(self):
        """Tell whether a tap anywhere on the message may open its first link."""
        return 'URL' in self.kinds and self.header_format in ('', 'TEXT', 'IMAGE')


def _position_of(name):
    return int(name) if name.isdigit() else 0
