"""What can go wrong between us and Meta: the table of error codes in plain words, and the exceptions of the client.

The table is [S26:support/error-codes, 2026-09-11]; HTTP carriers from [M26:support/error-codes, 2026-03-12];
the words are our own, and so is what the outbox does about each. Where the source leaves two ways open, the table takes
the one that stops more.
"""

import re
from dataclasses import dataclass, replace


@dataclass(frozen=True)
class ErrorInfo:
    """One error code in words a salesperson or an administrator can act upon.

    :ivar int code: Meta's
    :ivar str action: what the outbox does, a code of ``policy.playbook.Action``
    :ivar str responsible: who must act, a code of ``policy.playbook.RESPONSIBLE``
    :ivar max_attempts: tries in all, where the usual number does not fit; None for the usual one
    """

    code: int
    action: str
    responsible: str
    title: str
    advice: str
    max_attempts: int | None = None


_TOKEN_ADVICE = 'Create a new access token in Meta Business Settings and enter it on the account.'
_RIGHTS_ADVICE = 'Grant the app the WhatsApp permissions for this account again, then check the account here.'
_LATER_ADVICE = 'Nothing to do: it is tried again on its own.'
_TEMPLATE_TEXT_ADVICE = 'Change the text of the template and submit it again.'
_GROUP_ADVICE = 'Check the group and its members in WhatsApp Manager.'
_USERNAME_ADVICE = 'Choose another user name or try again later.'
_BLOCK_ADVICE = 'Check the list of people to block; only people who wrote in the last 24 hours can be blocked.'
_HISTORY_ADVICE = 'Connect the number again from the WhatsApp Business app if its history is wanted.'
_DIRECT_SEND_ADVICE = 'Send it with an approved template instead.'
_PIN_WAIT_ADVICE = 'Wait as long as Meta says before entering the PIN again.'

#: Tries for what takes up to ten minutes; the usual number is over after five. [own]
LONG_WAIT_ATTEMPTS = 7

_ROWS = (
    # Access and account
    (0, 'new_token', 'administrator', 'WhatsApp does not accept the access token', _TOKEN_ADVICE),
    (1, 'retry', 'nobody', 'WhatsApp could not handle the request', _LATER_ADVICE),
    (2, 'retry', 'nobody', 'WhatsApp is temporarily unavailable', _LATER_ADVICE),
    (3, 'pause_account', 'administrator', 'The app lacks a capability for this',
     'Check the permissions of the access token.'),
    (4, 'slow', 'nobody', 'Too many requests from this app', 'Wait; synchronise less often if it happens again.'),
    (10, 'pause_account', 'administrator', 'A permission is missing or was removed', _RIGHTS_ADVICE),
    (33, 'pause_number', 'administrator', 'The business phone number was deleted',
     'Choose another number or add this one again at Meta.'),
    (100, 'fail', 'administrator', 'WhatsApp did not understand the request',
     'Check the template and its values; update the addon.'),
    (190, 'new_token', 'administrator', 'The access token has expired or was revoked', _TOKEN_ADVICE),
    (200, 'pause_account', 'administrator', 'The access token lacks a permission', _RIGHTS_ADVICE),
    (368, 'pause_account', 'administrator', 'Meta restricts this account for breaking its policies',
     'Stop sending, read the violation in Business Support Home and appeal there.'),
    (803, 'pause_number', 'administrator', 'Meta does not know this id or hides it from the token',
     'Check the ids of the account and the number.'),
    (80007, 'slow', 'nobody', 'Too many management requests for this account',
     'Wait; synchronise less often if it happens again.'),
    (131005, 'pause_account', 'administrator', 'Access denied', _RIGHTS_ADVICE),
    (131031, 'pause_account', 'administrator', 'The account is locked',
     'Stop sending, look at the account in WhatsApp Manager and appeal in Business Support Home.'),
    (131037, 'pause_number', 'administrator', 'The number has no approved display name',
     'Have the display name approved in WhatsApp Manager.'),
    (131042, 'pause_account', 'administrator', 'There is a problem with the payment method',
     'Put the payment method right in WhatsApp Manager.'),
    (131045, 'pause_number', 'administrator', 'The number is not correctly registered', 'Register the number again.'),
    (133010, 'pause_number', 'administrator', 'The number is not registered', 'Register the number for the Cloud API.'),
    (134011, 'pause_account', 'administrator', 'Payment terms are not accepted yet',
     'Accept the WhatsApp payment terms in WhatsApp Manager.'),
    # Pace and quality
    (130429, 'slow', 'nobody', 'The number sent faster than it may', 'Nothing to do: sending slows down and goes on.'),
    (131048, 'brake', 'administrator', 'Too many people blocked or reported this number',
     'Stop marketing, check the quality of the number, and start again slowly.'),
    (131056, 'pair', 'nobody', 'Too many messages to this person in a short time',
     'Nothing to do: only this person waits.'),
    (131057, 'retry', 'nobody', 'The number is under maintenance', 'Nothing to do: it works again in a few minutes.'),
    (131064, 'pause_account', 'administrator', 'The account is limited because templates carry a wrong category',
     'Put the categories of the templates right; the limit ends on its own.'),
    (131049, 'hold', 'nobody', 'WhatsApp held the message back to spare this person more marketing',
     'Leave a longer gap before the next marketing. Numbers in the United States get no marketing.'),
    (130472, 'fail', 'sender', 'The person takes part in an experiment of Meta',
     'Do not send again; use another channel.'),
    (131050, 'suppress', 'sender', 'The person has stopped marketing from this business',
     'Respect it: send no marketing to this person any more.'),
    # Message and recipient
    (470, 'fail', 'sender', 'More than 24 hours have passed since the person last wrote',
     'Use an approved template, or wait for the person to write.'),
    (130403, 'fail', 'sender', 'This person is blocked by your business', 'Unblock the person first.'),
    (130497, 'fail', 'sender', 'Your business may not message people in this country', 'Leave this country out.'),
    (131000, 'retry', 'nobody', 'Something went wrong at WhatsApp', 'It is tried again; ask Meta support if it stays.'),
    (131008, 'fail', 'sender', 'The request lacks a required value', 'Check the template and its values.'),
    (131009, 'fail', 'sender', 'A value of the request is not valid',
     'Check the phone number, the template and its values.'),
    (131016, 'retry', 'nobody', 'WhatsApp is temporarily overloaded', _LATER_ADVICE),
    (131021, 'fail', 'sender', 'Sender and recipient are the same number', 'Choose another recipient.'),
    (131026, 'fail', 'sender', 'The message cannot be delivered to this number',
     'The number may not be on WhatsApp or uses an old version. Check it, or use another channel.'),
    (131035, 'fail', 'nobody', 'A notification got lost because nothing is stored at Meta', 'Nothing to do.'),
    (131036, 'fail', 'nobody', 'One device of the person did not get the message',
     'Nothing to do; send again if it matters.'),
    (131047, 'fail', 'sender', 'More than 24 hours have passed since the person last wrote',
     'Use an approved template, or wait for the person to write.'),
    (131051, 'fail', 'sender', 'WhatsApp does not support this kind of message', 'Send it as another kind of message.'),
    (131052, 'fail', 'sender', 'A file sent by the person could not be loaded',
     'Ask the person to send it in another way.'),
    (131053, 'fail', 'sender', 'WhatsApp could not load the file',
     'Check the type, the size and the address of the file.'),
    (131055, 'fail', 'administrator', 'Only marketing templates may go this way',
     'Use the normal way of sending for this template.'),
    (131059, 'fail', 'administrator', 'A page of a list was no longer valid', 'Start the synchronisation again.'),
    (131062, 'fail', 'sender', 'This kind of message needs a phone number',
     'The person hides the number; ask for it before sending codes.'),
    (131063, 'brake', 'administrator', 'Marketing is switched off on the Cloud API for this account',
     'Allow marketing on the Cloud API in the settings of the account at Meta.'),
    # Templates
    (132000, 'sync_template', 'administrator', 'The number of values does not match the template',
     'Synchronise the templates and check the values.'),
    (132001, 'sync_template', 'administrator', 'The template does not exist in this language or is not approved',
     'Synchronise the templates and choose one that is approved.'),
    (132005, 'fail', 'sender', 'The template gets too long with these values', 'Use shorter values.'),
    (132007, 'fail', 'sender', 'The content of the template breaks a policy', _TEMPLATE_TEXT_ADVICE),
    (132012, 'sync_template', 'administrator', 'A value has the wrong form for the template',
     'Check the values of the template.'),
    (132015, 'pause_template', 'sender', 'The template is paused because of low quality',
     'Stop the campaign; wait, or improve the template.'),
    (132016, 'pause_template', 'sender', 'The template was disabled for good',
     'Create a new template with better content.'),
    (132018, 'sync_template', 'administrator', 'The values of the template are not valid',
     'Check the values of the template.'),
    (132068, 'pause_template', 'administrator', 'The form of this template is blocked',
     'Put the form right in WhatsApp Manager.'),
    (132069, 'pause_template', 'administrator', 'The form of this template is slowed down',
     'Put the form right in WhatsApp Manager.'),
    (134100, 'fail', 'administrator', 'Only marketing templates may go this way',
     'Use the normal way of sending for this template.'),
    (134101, 'retry', 'nobody', 'The template is still being prepared', 'Nothing to do: it takes up to ten minutes.',
     LONG_WAIT_ATTEMPTS),
    (134102, 'sync_template', 'administrator', 'The template is not available for this way of sending',
     'Synchronise the templates.'),
    (134103, 'sync_template', 'administrator', 'The template is not available for this way of sending',
     'Synchronise the templates.'),
    (141002, 'fail', 'administrator', 'The template is not approved', 'Wait for the approval of the template.'),
    (2388001, 'fail', 'administrator', 'The number cannot be moved',
     'Follow the steps for moving a number in WhatsApp Manager.'),
    (2388012, 'fail', 'administrator', 'The number cannot be moved',
     'Follow the steps for moving a number in WhatsApp Manager.'),
    (2388019, 'fail', 'administrator', 'The account holds as many templates as it may',
     'Delete templates that are no longer used.'),
    # The next three and 2593002 are on no page of Meta's; its answers carry them. [own reading of reported answers]
    (2388023, 'fail', 'administrator', 'The name of a deleted template is still blocked in this language',
     'Take another name, or wait until 30 days after the deletion.'),
    (2388024, 'fail', 'administrator', 'There is already a template of this name in this language',
     'Take another name, or change that template.'),
    (2388043, 'fail', 'administrator', 'Parts, buttons or samples of the template do not go together',
     _TEMPLATE_TEXT_ADVICE),
    (2593002, 'fail', 'administrator', 'The template is not at Meta any more', 'Synchronise the templates.'),
    (2388039, 'fail', 'nobody', 'The template cannot be changed now', 'Wait until its review is over.'),
    (2388040, 'fail', 'administrator', 'A part of the template is too long', _TEMPLATE_TEXT_ADVICE),
    (2388047, 'fail', 'administrator', 'The header of the template is not valid', _TEMPLATE_TEXT_ADVICE),
    (2388072, 'fail', 'administrator', 'The body of the template is not valid', _TEMPLATE_TEXT_ADVICE),
    (2388073, 'fail', 'administrator', 'The footer of the template is not valid', _TEMPLATE_TEXT_ADVICE),
    (2388091, 'fail', 'administrator', 'The number cannot be moved',
     'Follow the steps for moving a number in WhatsApp Manager.'),
    (2388093, 'fail', 'administrator', 'The number cannot be moved',
     'Follow the steps for moving a number in WhatsApp Manager.'),
    (2388103, 'fail', 'administrator', 'The number cannot be moved',
     'Follow the steps for moving a number in WhatsApp Manager.'),
    (2388293, 'fail', 'administrator', 'The template has too many variables for its length',
     'Use more words or fewer variables.'),
    (2388299, 'fail', 'administrator', 'A variable stands at the start or end of the text',
     'Put words before and after the variable.'),
    (2494100, 'retry', 'nobody', 'The number is under maintenance', 'Nothing to do: it works again in a few minutes.'),
    (200005, 'fail', 'administrator', 'Template insights are not available',
     'Switch on template insights in WhatsApp Manager.'),
    (200006, 'fail', 'nobody', 'Template insights cannot be switched off', 'Nothing to do.'),
    (200007, 'fail', 'administrator', 'Template insights are not switched on',
     'Switch on template insights in WhatsApp Manager.'),
    # Registration of numbers
    (133000, 'retry', 'administrator', 'An earlier removal of the number is unfinished',
     'Remove the number from the Cloud API again.'),
    (133004, 'retry', 'nobody', 'The server of WhatsApp is temporarily unavailable', _LATER_ADVICE),
    (133005, 'fail', 'administrator', 'The PIN is wrong',
     'Enter the right two-step PIN; too many wrong ones lock the number.'),
    (133006, 'fail', 'administrator', 'The number has to be verified first', 'Ask for a code and enter it.'),
    (133008, 'fail', 'administrator', 'Too many wrong PINs', _PIN_WAIT_ADVICE),
    (133009, 'fail', 'administrator', 'PINs were entered too fast', _PIN_WAIT_ADVICE),
    (133015, 'retry', 'nobody', 'The number was deleted a moment ago', 'Nothing to do: wait five minutes.'),
    (133016, 'fail', 'administrator', 'The number was registered too often',
     'Wait up to 72 hours before registering it again.'),
    (136024, 'fail', 'administrator', 'The verification code could not be asked for',
     'Check the number and try the other way of delivery.'),
    (136025, 'fail', 'administrator', 'The verification code could not be checked', 'Ask for a new code.'),
    # Further functions
    (135000, 'fail', 'administrator', 'The request was not understood',
     'Check the template and its values; update the addon.'),
    (137000, 'fail', 'sender', 'The identity of the person has changed',
     'Make sure it is still the same person before sending anything confidential.'),
    (138024, 'fail', 'administrator', 'Calling over SIP has a problem', 'Check the calling settings of the number.'),
    (138025, 'fail', 'administrator', 'Calling over SIP has a problem', 'Check the calling settings of the number.'),
    (139100, 'fail', 'administrator', 'Some people could not be blocked or unblocked', _BLOCK_ADVICE),
    (139101, 'fail', 'administrator', 'The list of blocked people is full', 'Unblock people before blocking others.'),
    (139102, 'retry', 'nobody', 'The list of blocked people is being changed elsewhere', _LATER_ADVICE),
    (139103, 'retry', 'nobody', 'Blocking failed at WhatsApp', _LATER_ADVICE),
    (139200, 'fail', 'administrator', 'Sending without a template was refused', _DIRECT_SEND_ADVICE),
    (2388318, 'fail', 'administrator', 'Sending without a template was refused', _DIRECT_SEND_ADVICE),
    (2388330, 'fail', 'administrator', 'Sending without a template was refused', _DIRECT_SEND_ADVICE),
    (147001, 'fail', 'administrator', 'The user name was not accepted', _USERNAME_ADVICE),
    (147002, 'fail', 'administrator', 'The user name was not accepted', _USERNAME_ADVICE),
    (147003, 'fail', 'administrator', 'The user name was not accepted', _USERNAME_ADVICE),
    (147004, 'fail', 'administrator', 'The user name was not accepted', _USERNAME_ADVICE),
    (147005, 'fail', 'administrator', 'The user name was not accepted', _USERNAME_ADVICE),
    (1752041, 'fail', 'nobody', 'Marketing sending was already requested', 'Nothing to do.'),
    (2593107, 'fail', 'administrator', 'The history was already asked for', _HISTORY_ADVICE),
    (2593108, 'fail', 'administrator', 'It is too late to ask for the history', _HISTORY_ADVICE),
    (2593109, 'fail', 'administrator', 'Sharing the history was declined', _HISTORY_ADVICE),
    # Groups
    *((code, 'fail', 'administrator', 'WhatsApp refused something about a group', _GROUP_ADVICE)
      for code in (131020, 131041, 131201, 131202, 131204, 131207, *range(131209, 131216))),
    (131208, 'retry', 'nobody', 'WhatsApp is busy with this group', _LATER_ADVICE),
)

#: Every code of the source's table. 200 stands for the whole range 200 to 299, see ``table_code``.
ERRORS = {row[0]: ErrorInfo(*row) for row in _ROWS}


def table_code(code):
    """:return: the code under which the table holds a code: 200 to 299 share one row."""
    return 200 if isinstance(code, int) and 200 <= code <= 299 else code


def error_info(code):
    """Explain an error code.

    :param int code: Meta's ``code``
    :return: the entry of the table; 200 to 299 share one; an unknown code gets a permanent entry of its own, because a
        message must not be sent again for a reason nobody knows
    :rtype: ErrorInfo
    """
    if code in ERRORS:
        return ERRORS[code]
    if table_code(code) in ERRORS:
        return replace(ERRORS[table_code(code)], code=code)
    return ErrorInfo(
        code if isinstance(code, int) else 0,
        'fail',
        'administrator',
        f'WhatsApp refused this with the code {code}',
        'Look the code up in the WhatsApp documentation of Meta.',
    )


# --- Keeping secrets out of texts ----------------------------------------------------------------------------------

_ACCESS_TOKEN = re.compile(r'(access_token(?:=|%3D|["\']?\s*:\s*["\']?))[^&\s"\'<>]+', re.IGNORECASE)
_BEARER = re.compile(r'((?:Bearer|OAuth)\s+)[A-Za-z0-9._|~+/=-]{8,}')
#: Meta's tokens start with EAA; its answers quote a malformed one.
_META_TOKEN = re.compile(r'EAA[A-Za-z0-9]{12,}')
REDACTED = '[redacted]'


def redact(text, *secrets):
    """Take secrets out of a text.

    :param str text: anything that may end in a log or on a screen
    :param str secrets: values that must not show, whatever surrounds them
    :rtype: str
    """
    text = str(text)
    for secret in secrets:
        if secret:
            text = text.replace(secret, REDACTED)
    text = _ACCESS_TOKEN.sub(rf'\1{REDACTED}', text)
    text = _BEARER.sub(rf'\1{REDACTED}', text)
    return _META_TOKEN.sub(REDACTED, text)


# --- Exceptions ----------------------------------------------------------------------------------------------------


class CloudApiError(Exception):
    """Whatever went wrong in a call to Meta; its text never holds a secret.

    :ivar http_status: of the answer, or None if there was none
    :ivar usage: how much of its calls the app has used up, a ``usage.Usage``; None if the answer did not tell
    """

    usage = None

    def __init__(self, message, http_status=None):
        super().__init__(message)
        self.http_status = http_status


class NotSentError(CloudApiError):
    """The request surely never reached Meta, trying again cannot send anything twice."""


class SettingsError(NotSentError):
    """The account's own settings (token, address, id) cannot make a call; trying again changes nothing."""


class ForeignHostError(SettingsError):
    """The token would have gone to somebody else's server."""


class OutcomeUnknownError(CloudApiError):
    """The request may have been carried out; it must not be repeated blindly."""


class UnexpectedAnswerError(CloudApiError):
    """Something answered, but not as Meta's API does: HTML, no JSON, a listing without end."""


class MediaTooLargeError(CloudApiError):
    """A file is larger than the caller allows."""


class ApiError(CloudApiError):
    """Meta answered with an error object: the request was not carried out.

    :ivar int code: Meta's code, the thing to branch upon
    :ivar subcode: Meta's subcode or None; template creation puts the real reason there
    :ivar str message: Meta's text, for logs
    :ivar str details: Meta's ``error_data.details`` or ``error_user_msg``, or ''
    :ivar str fbtrace_id: to give to Meta's support, or ''
    :ivar bool is_transient: whether Meta calls it passing
    :ivar ErrorInfo info: the entry of our table
    """

    def __init__(self, code, message, subcode=None, details='', http_status=None, fbtrace_id='', is_transient=False):
        super().__init__(f'({code}) {message}' + (f': {details}' if details else ''), http_status)
        self.code = code
        self.subcode = subcode
        self.message = message
        self.details = details
        self.fbtrace_id = fbtrace_id
        self.is_transient = is_transient
        self.info = _info(code, subcode)

    @property
    def seems_passing(self):
        """Whether another try may help, as far as the answer shows; only for codes that nobody knows."""
        return self.is_transient or self.http_status == 429 or (self.http_status or 0) >= 500

    @property
    def user_message(self):
        """The error in words for a person, with Meta's own details where it gives some."""
        text = f'{self.info.title}. {self.info.advice}'
        return f'{text} ({self.details})' if self.details else text

    @classmethod
    def from_answer(cls, answer, http_status=None, secrets=()):
        """Read Meta's error object.

        :param answer: the decoded answer, anything
        :param int http_status: of the answer
        :param secrets: values to keep out of the texts
        :return: the error, or None if this is not Meta's error object
        """
        error = answer.get('error') if isinstance(answer, dict) else None
        code = _as_int(error.get('code')) if isinstance(error, dict) else None
        if code is None:
            return None
        data = error.get('error_data')
        details = (data.get('details') if isinstance(data, dict) else None) or error.get('error_user_msg')
        return cls(
            code,
            _words(error.get('message'), secrets),
            subcode=_as_int(error.get('error_subcode')),
            details=_words(details, secrets),
            http_status=http_status,
            fbtrace_id=_words(error.get('fbtrace_id'), secrets),
            is_transient=error.get('is_transient') is True,
        )


def _info(code, subcode):
    if (code, subcode) == (100, 33):
        return error_info(803)
    # Small subcodes (463 and the like) mean something else than the codes of the same number.
    return ERRORS[subcode] if subcode in ERRORS and subcode > 1000000 else error_info(code)


def _as_int(value):
    if isinstance(value, bool):
        return None
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 9:
        return int(value)
    # Codes are stored; what no column can hold is no code.
    return value if isinstance(value, int) and abs(value) < 2 ** 31 else None


def _words(value, secrets):
    if not isinstance(value, (str, int)):
        return ''
    text = ''.join(char if char.isprintable() else ' ' for char in redact(value, *secrets))
    return text.strip()[:1000]
