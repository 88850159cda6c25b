from odoo import api, models

from ..cloud_api.template_checks import Code

_DURATIONS = ((24 * 3600, 'days'), (3600, 'hours'), (60, 'minutes'), (1, 'seconds'))


class FluxforceWhatsappTemplateAdvice(models.AbstractModel):
    """Says in words what is wrong with a template that is being written: where, and what to do about it."""

    _name = 'fluxforce.whatsapp.template.advice'
    _description = 'WhatsApp Template Advice'

    @api.model
    def _words(self, problem):
        """:return: a problem of ``cloud_api.template_checks`` in words that name part and remedy. :rtype: str"""
        return self._all_words([problem])[0]

    @api.model
    def _all_words(self, problems):
        """:return: the words of several problems, in their order. :rtype: list[str]"""
        sentences = self._sentences()
        return [f'{self._part_words(problem.part)}: {self._filled(sentences[problem.code], problem.details)}'
                for problem in problems]

    def _filled(self, sentence, details):
        return sentence % {key: self._detail(key, value) for key, value in details.items()}

    def _detail(self, key, value):
        """:return: a figure, a name or a code as it is read."""
        if key in ('shortest', 'longest'):
            return self._duration(value)
        if key in ('variable', 'variables', 'named', 'numbered'):
            names = value if isinstance(value, list) else [value]
            return ', '.join(f'{{{{{name}}}}}' for name in names)
        if key in ('kind', 'format'):
            return self._kind_words().get(str(value).upper(), value)
        if key == 'category':
            return self.env['fluxforce.whatsapp.wording']._category_words().get(value, value)
        return ', '.join(map(str, value)) if isinstance(value, list) else value

    def _duration(self, seconds):
        length, unit = next((length, unit) for length, unit in _DURATIONS if seconds % length == 0)
        count = seconds // length
        return {
            'days': self.env._('%(count)s days', count=count),
            'hours': self.env._('%(count)s hours', count=count),
            'minutes': self.env._('%(count)s minutes', count=count),
            'seconds': self.env._('%(count)s seconds', count=count),
        }[unit]

    # ------------------------------------------------------------
    # WHERE
    # ------------------------------------------------------------

    @api.model
    def _part_words(self, part):
        """:return: a part as the form names it, e.g. ``Card 2, button 1`` for ``card:1:button:0``."""
        names = self._part_names()
        if part in names:
            return names[part]
        first, index, *rest = part.split(':')
        number = int(index) + 1
        if first == 'button':
            return self.env._('Button %(number)s', number=number)
        card = self.env._('Card %(number)s', number=number)
        return f'{card}, {self._part_words(":".join(rest))}' if rest else card

    def _part_names(self):
        return {
            'name': self.env._('Name'),
            'language': self.env._('Language'),
            'category': self.env._('Category'),
            'header': self.env._('Header'),
            'body': self.env._('Body'),
            'footer': self.env._('Footer'),
            'buttons': self.env._('Buttons'),
            'offer': self.env._('Limited-time offer'),
            'ttl': self.env._('Time to live'),
            'variables': self.env._('Variables'),
        }

    def _kind_words(self):
        return {
            'TEXT': self.env._('Text'),
            'IMAGE': self.env._('Image'),
            'VIDEO': self.env._('Video'),
            'DOCUMENT': self.env._('Document'),
            'LOCATION': self.env._('Location'),
            'PRODUCT': self.env._('Product'),
            'HEADER': self.env._('Header'),
            'BODY': self.env._('Body'),
            'FOOTER': self.env._('Footer'),
            'BUTTONS': self.env._('Buttons'),
            'LIMITED_TIME_OFFER': self.env._('Limited-time offer'),
            'CAROUSEL': self.env._('Carousel'),
            **self._button_kind_words(),
        }

    def _button_kind_words(self):
        return {
            'QUICK_REPLY': self.env._('Quick reply'),
            'URL': self.env._('Link'),
            'PHONE_NUMBER': self.env._('Call'),
            'COPY_CODE': self.env._('Copy code'),
            'FLOW': self.env._('Form'),
            'VOICE_CALL': self.env._('WhatsApp call'),
            'CATALOG': self.env._('Catalog'),
            'MPM': self.env._('Products'),
            'SPM': self.env._('Product'),
            'OTP': self.env._('Sign-in code'),
            'REQUEST_CONTACT_INFO': self.env._('Ask for the phone number'),
        }

    # ------------------------------------------------------------
    # WHAT AND WHAT TO DO
    # ------------------------------------------------------------

    def _sentences(self):
        """:return: by code, what is wrong and what to do, with the names of its details in it."""
        return {
            **self._head_words(), **self._component_words(), **self._text_words(), **self._variable_words(),
            **self._sample_words(), **self._button_words(), **self._button_content_words(), **self._offer_words(),
            **self._card_words(), **self._code_words(), **self._review_words(), **self._reader_words(),
        }

    def _head_words(self):
        return {
            Code.NAME_MISSING: self.env._('it is missing. Enter one of lowercase letters, digits and underscores.'),
            Code.NAME_TOO_LONG: self.env._('it has %(length)s characters, Meta takes %(limit)s. Shorten it.'),
            Code.NAME_CHARACTERS: self.env._(
                '"%(name)s" has other signs than lowercase letters, digits and underscores. Replace them.'),
            Code.NAME_TAKEN: self.env._(
                'there is already a template "%(name)s" in %(language)s. Take another name, or change that one.'),
            Code.LANGUAGE_MISSING: self.env._('it is missing. Choose the language of the text.'),
            Code.LANGUAGE_UNKNOWN: self.env._('Meta does not know "%(language)s". Choose one of the list.'),
            Code.CATEGORY_MISSING: self.env._('it is missing. Choose marketing, utility or authentication.'),
            Code.CATEGORY_UNKNOWN: self.env._(
                'Meta does not know "%(category)s". Choose marketing, utility or authentication.'),
            Code.FORMAT_UNKNOWN: self.env._('"%(format)s" is no form of them. Choose named or numbered.'),
            Code.TTL_NOT_A_NUMBER: self.env._('it is no number. Enter whole seconds, or leave it empty.'),
            Code.TTL_OUT_OF_RANGE: self.env._(
                '%(category)s takes %(shortest)s to %(longest)s, not %(seconds)s seconds. Enter a time between them, '
                'or leave it empty.'),
        }

    def _component_words(self):
        return {
            Code.MALFORMED: self.env._('its form cannot be read. Write this part again.'),
            Code.COMPONENT_UNKNOWN: self.env._('"%(kind)s" cannot stand here. Remove it.'),
            Code.COMPONENT_TWICE: self.env._('"%(kind)s" is there twice. Remove one.'),
            Code.BODY_MISSING: self.env._('it is missing. Write the text of the message.'),
            Code.NOT_IN_CATEGORY: self.env._(
                '"%(kind)s" does not go with the category %(category)s. Remove it, or choose another category.'),
            Code.HEADER_FORMAT: self.env._(
                '"%(format)s" is no kind of header. Choose text, image, video, document, location or product.'),
            Code.FILE_MISSING: self.env._(
                'the reviewers need one sample of the file (%(format)s). Upload one that resembles what you will '
                'send.'),
            Code.PRODUCT_BUTTON: self.env._(
                'a product in the header and a product button only go together. Add the one that is missing, or remove '
                'the other.'),
        }

    def _text_words(self):
        return {
            Code.EMPTY: self.env._('it is empty. Fill it in, or remove it.'),
            Code.TOO_LONG: self.env._('it has %(length)s characters, Meta takes %(limit)s. Shorten it.'),
            Code.LINE_BREAKS: self.env._('it must be one line. Remove the line breaks.'),
            Code.CONTROL_CHARACTERS: self.env._(
                'it holds tabs or other invisible signs. Type the text anew instead of pasting it.'),
            Code.DIRECTION_MARKS: self.env._(
                'it holds invisible marks that turn the reading direction. Type the text anew instead of pasting it.'),
            Code.FORMATTING: self.env._('it cannot have marks for bold, slanted or struck text. Remove * _ ~ `.'),
            Code.EMOJI: self.env._('it cannot have emoji. Remove them.'),
        }

    def _variable_words(self):
        return {
            Code.VARIABLES_NOT_ALLOWED: self.env._('it takes no variables. Write fixed text.'),
            Code.VARIABLES_ONE: self.env._('it takes one variable, not %(variables)s. Keep one.'),
            Code.VARIABLES_MIXED: self.env._(
                'variables are either all numbered or all named. Change them so that they match the setting of the '
                'template.'),
            Code.VARIABLES_ORDER: self.env._(
                'the variables are %(variables)s. Number them 1, 2, 3 in the order in which they appear.'),
            Code.VARIABLES_ADJACENT: self.env._('two variables stand side by side. Put words between them.'),
            Code.VARIABLES_TOO_MANY: self.env._(
                '%(words)s words are too few for %(count)s variables, Meta wants about %(needed)s. Write more, or use '
                'fewer variables.'),
            Code.VARIABLE_AT_EDGE: self.env._(
                '%(variable)s stands first or last. Put a word before the first and after the last variable; a full '
                'stop is enough at the end.'),
            Code.VARIABLE_NAME: self.env._(
                '%(variable)s is no valid variable. Use lowercase letters, digits and underscores, or numbers, without '
                'spaces.'),
            Code.VARIABLE_BROKEN: self.env._(
                'double braces open or close nothing. Write variables as {{name}} or remove the braces.'),
        }

    def _sample_words(self):
        return {
            Code.SAMPLE_MISSING: self.env._(
                'the reviewers need a sample for %(variables)s. Enter one that looks like a real value.'),
            Code.SAMPLES_EXTRA: self.env._('there are more samples than variables. Remove those that are left over.'),
            Code.SAMPLES_TOO_LONG: self.env._(
                'with its samples it has %(length)s characters, WhatsApp sends %(limit)s. Shorten the text.'),
        }

    def _button_words(self):
        return {
            Code.BUTTONS_TOO_MANY: self.env._('there are %(count)s, Meta takes %(limit)s. Remove some.'),
            Code.BUTTON_UNKNOWN: self.env._('"%(kind)s" is no kind of button here. Choose another.'),
            Code.BUTTON_KIND_TOO_MANY: self.env._(
                'there are %(count)s of the kind "%(kind)s", Meta takes %(limit)s. Remove some.'),
            Code.BUTTON_ALONE: self.env._('"%(kind)s" must be the only button. Remove the others.'),
            Code.BUTTONS_NOT_GROUPED: self.env._(
                'quick replies must stand together. Move them before or after the other buttons.'),
            Code.BUTTON_TEXT_TWICE: self.env._('two buttons read "%(text)s". Change one of them.'),
        }

    def _button_content_words(self):
        return {
            Code.URL_INVALID: self.env._('"%(url)s" is no link. Enter one that begins with https://.'),
            Code.URL_TOO_LONG: self.env._('the link has %(length)s characters, Meta takes %(limit)s. Shorten it.'),
            Code.URL_VARIABLE: self.env._('a link takes one variable, {{1}}, at its very end. Move it there.'),
            Code.URL_SAMPLE: self.env._('the link has a variable. Enter a whole link as its sample.'),
            Code.PHONE_INVALID: self.env._(
                '"%(number)s" is no phone number. Enter up to %(limit)s digits with the country code, without spaces.'),
            Code.CODE_MISSING: self.env._('the reviewers need a sample of the code. Enter one.'),
            Code.CODE_TOO_LONG: self.env._('the code has %(length)s characters, Meta takes %(limit)s. Shorten it.'),
            Code.FLOW_MISSING: self.env._('the form is missing. Choose exactly one.'),
            Code.FLOW_ACTION: self.env._(
                '"%(action)s" is nothing a form can do. Choose to open a screen or to ask the server.'),
            Code.CALL_MINUTES: self.env._('the minutes are no whole number above 0. Enter one, or leave them empty.'),
        }

    def _offer_words(self):
        return {
            Code.OFFER_HEADER: self.env._('a limited-time offer takes an image or a video. Choose one, or remove it.'),
            Code.OFFER_FOOTER: self.env._('a limited-time offer has none. Remove it.'),
            Code.OFFER_BUTTONS: self.env._(
                'a limited-time offer has a copy code button and then a link. Put them in this order, without others.'),
        }

    def _card_words(self):
        return {
            Code.CARDS_COUNT: self.env._(
                'there are %(count)s cards, a carousel has %(least)s to %(most)s. Add or remove some.'),
            Code.CARDS_DIFFER: self.env._(
                'it is built otherwise than the first card. Give all cards the same kind of header, text and buttons.'),
            Code.CARD_HEADER: self.env._('it needs an image, a video or a product on top. Choose one.'),
            Code.CARD_BUTTONS: self.env._(
                'a card has one or two buttons: quick reply, link or call. Add or remove some; there are %(count)s.'),
            Code.CAROUSEL_ALONE: self.env._('a carousel only has a body beside its cards. Remove this part.'),
        }

    def _code_words(self):
        return {
            Code.OTP_TEXT: self.env._('the text of a sign-in code is Meta\'s own. Remove yours.'),
            Code.OTP_PARTS: self.env._('a sign-in code has no part "%(kind)s". Remove it.'),
            Code.OTP_BUTTON: self.env._('a sign-in code has exactly one button, for the code. Add it, remove others.'),
            Code.OTP_KIND: self.env._(
                'how the code gets into the app is not said. Choose copy, one tap or zero tap.'),
            Code.OTP_APP: self.env._(
                'the app is missing. Enter the package name and signature hash of one to %(limit)s Android apps.'),
            Code.OTP_PACKAGE: self.env._(
                '"%(package)s" is no name of an Android app. Enter one like com.example.shop.'),
            Code.OTP_SIGNATURE: self.env._(
                '"%(signature)s" is no signature of an app: that has eleven characters. Copy it from your developers.'),
            Code.OTP_TERMS: self.env._('zero tap needs Meta\'s terms. Read and accept them.'),
            Code.OTP_MINUTES: self.env._('a code is valid for %(least)s to %(most)s minutes. Enter a number of them.'),
        }

    def _review_words(self):
        return {
            Code.PROMOTIONAL: self.env._(
                'these words advertise: %(words)s. Meta will take it for marketing, which costs more and needs that '
                'consent. Choose marketing, or leave them out.'),
            Code.MARKETING_KIND: self.env._(
                'a button of the kind "%(kind)s" is for marketing. Meta will take the template for that, which costs '
                'more and needs that consent. Choose marketing, or remove the button.'),
            Code.SIGN_IN_CODE: self.env._(
                'it reads like a sign-in code: %(words)s. Meta only takes those in the category authentication. Choose '
                'it.'),
            Code.SHORT_LINK: self.env._('reviewers refuse shortened links (%(link)s). Use the whole address.'),
            Code.WHATSAPP_LINK: self.env._(
                'reviewers refuse links to WhatsApp (%(link)s). Use a quick reply or a call button.'),
            Code.PLAIN_LINK: self.env._('the link to %(link)s is not encrypted. Begin it with https://.'),
            Code.DUPLICATE: self.env._(
                'the template "%(name)s" (%(language)s) has the same body and footer; Meta refuses a second one. Use '
                'that one, or write another text.'),
            Code.VAGUE: self.env._(
                'it says too little beside its variables; reviewers refuse what could mean anything. Write what it is '
                'about.'),
            Code.FOOTER_MARKS: self.env._('emoji and marks are mostly refused here. Remove them.'),
            Code.SINGLE_BRACES: self.env._(
                'single braces are sent as they are. Write a variable with double ones: {{name}}.'),
        }

    def _reader_words(self):
        return {
            Code.BUTTONS_SEE_ALL: self.env._(
                'of %(count)s buttons people see two and "See all options". Keep three to show them all.'),
            Code.BUTTONS_DESKTOP: self.env._(
                'people with WhatsApp on a computer do not see these buttons. Keep up to three, either quick replies '
                'or others.'),
            Code.NO_OPT_OUT: self.env._(
                'there is no way to stop; people then block the number. Add a quick reply like "Stop promotions".'),
            Code.CAPITALS: self.env._('capitals look like shouting. Write normally.'),
            Code.MANY_EMOJI: self.env._('%(count)s emoji look like an advertisement. Keep up to %(limit)s.'),
            Code.BLANK_LINES: self.env._('several blank lines follow each other. Keep one.'),
        }

    # ------------------------------------------------------------
    # SAMPLES
    # ------------------------------------------------------------

    @api.model
    def _file_words(self, problem):
        """:return: why a file cannot be the sample of a header, a ``cloud_api.template_calls.SampleProblem``."""
        return {
            'empty': self.env._('Sample: the file is empty. Upload another.'),
            'type': self.env._('Sample: Meta takes PDF, JPEG, PNG and MP4 files. Upload one of those.'),
            'too_large': self.env._(
                'Sample: the file is too large. Meta takes images up to 5 MB, videos up to 16 MB, documents up to '
                '100 MB.'),
            'other_content': self.env._(
                'Sample: the file is not what its name says. Save it anew and upload it again.'),
        }.get(str(problem), '')
