"""Sentences that are written here and read by people elsewhere: in English, and ready to be translated.

A sentence is put together late, so that the ORM can do it in the user's language
(``fluxforce.whatsapp.wording._refusal``): its text and the parts of it are translated each for itself.
"""


def _lt(text):
    """Mark a text for translation; Odoo's export looks for this name. :return: the text itself"""
    return text


class Words:
    """A text in English, with what is to be put into it.

    :ivar str text: marked for translation, with ``%(name)s`` where a part belongs
    :ivar dict parts: what belongs there by name, :class:`Words` or what is the same in all languages
    """

    __slots__ = ('text', 'parts')

    def __init__(self, text, /, **parts):
        self.text = text
        self.parts = parts

    def __str__(self):
        return self.text % {name: str(part) for name, part in self.parts.items()} if self.parts else self.text
