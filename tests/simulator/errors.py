"""Graph API errors: the codes the simulator can raise, their HTTP status and their wording."""

# code: (HTTP status, title, default details)
CODES = {
    0: (401, 'AuthException', 'We were unable to authenticate the app user.'),
    1: (400, 'Invalid request or possible server error', ''),
    2: (503, 'Temporary due to downtime or due to being overloaded.', ''),
    3: (500, 'API Method', 'Capability or permissions issue.'),
    4: (400, 'Application request limit reached', ''),
    10: (403, 'Application does not have permission for this action', ''),
    33: (400, 'Parameter value is not valid', 'The business phone number has been deleted.'),
    100: (400, 'Invalid parameter', ''),
    104: (400, 'Incorrect signature', ''),
    190: (401, 'Invalid OAuth access token - Cannot parse access token', ''),
    **dict.fromkeys(range(200, 300), (403, 'Permissions error', 'Permission is either not granted or removed.')),
    368: (403, 'Temporarily blocked for policies violations', 'The account is restricted from this action.'),
    2200: (400, 'Callback verification failed', ''),
    2500: (400, 'Unknown path components', ''),
    80007: (400, 'There have been too many calls to this WhatsApp Business account',
            'Wait a bit and try again.'),
    130403: (400, 'User is blocked by the business', ''),
    130429: (400, 'Rate limit hit',
             ('Message failed to send because there were too many messages sent from this'
              ' phone number in a short period of time')),
    130472: (400, "User's number is part of an experiment", 'Message was not sent as part of an experiment.'),
    130497: (403, 'Business account is restricted from messaging users in this country', ''),
    131000: (500, 'Something went wrong', 'Message failed to send due to an unknown error.'),
    131005: (403, 'Access denied', 'Permission is either not granted or has been removed.'),
    131008: (400, 'Required parameter is missing', ''),
    131009: (400, 'Parameter value is not valid', ''),
    131016: (500, 'Service unavailable', 'A service is temporarily unavailable.'),
    131021: (400, 'Recipient cannot be sender', 'Sender and recipient phone number is the same.'),
    131026: (400, 'Message undeliverable', 'Message Undeliverable.'),
    131031: (403, 'Business account has been locked', 'The account has been restricted or disabled.'),
    131037: (400, 'Display name is not approved', ''),
    131042: (400, 'Business eligibility payment issue', 'There was an error related to your payment method.'),
    131045: (500, 'Message failed to send due to phone number registration error', ''),
    131047: (400, 'Re-engagement message',
             ('Message failed to send because more than 24 hours have passed since the'
              ' customer last replied to this number.')),
    131048: (400, 'Spam rate limit hit',
             ('Message failed to send because there are restrictions on how many messages'
              ' can be sent from this phone number.')),
    131049: (400, 'This message was not delivered to maintain healthy ecosystem engagement.',
             'In order to maintain a healthy ecosystem engagement, the message failed to be delivered.'),
    131050: (400, 'User has stopped marketing messages',
             ('Unable to deliver the message. This recipient has chosen to'
              ' stop receiving marketing messages on WhatsApp from your business.')),
    131051: (400, 'Unsupported message type', 'Message type is not currently supported.'),
    131052: (400, 'Media download error', ''),
    131053: (400, 'Media upload error', ''),
    131056: (400, '(Business Account, Consumer Account) pair rate limit hit',
             ('Message failed to send because there were too many messages sent from this phone number to the same'
              ' phone number in a short period of time.')),
    131057: (500, 'Account in maintenance mode', 'Business account is in maintenance mode.'),
    131059: (400, 'Invalid cursor', 'The paging cursor is not valid. Start again without a cursor.'),
    131062: (400, 'Business-scoped user id is not supported for this message type',
             'Authentication templates need the phone number of the recipient.'),
    131063: (400, 'Marketing templates are disabled on Cloud API for this account', ''),
    131064: (400, 'Message limit because of template misclassification', ''),
    132000: (400, 'Number of parameters does not match the expected number of params', ''),
    132001: (404, 'Template name does not exist in the translation', ''),
    132005: (400, 'Translated text too long', ''),
    132007: (400, 'Template format character policy violated', ''),
    132012: (400, 'Parameter format does not match format in the created template', ''),
    132015: (400, 'Template is paused',
             'Template is paused due to low quality so it cannot be sent in a template message.'),
    132016: (400, 'Template is disabled',
             ('Template has been paused too many times due to low quality and is now'
              ' permanently disabled.')),
    132018: (400, "There's an issue with the parameters in your template", ''),
    132068: (400, 'Flow is blocked', ''),
    132069: (400, 'Flow is throttled', ''),
    133004: (503, 'Server is temporarily unavailable', ''),
    133010: (400, 'Account not registered', 'The account does not exist in the Cloud API.'),
    133015: (400, 'Wait a few minutes before trying to register this number', ''),
    135000: (400, 'Generic user error', 'The message failed to send because of an unknown error with the parameters.'),
    137000: (400, 'Identity key changed', ''),
    2494100: (400, 'Number is in maintenance', ''),
}

HREF = '/documentation/business-messaging/whatsapp/support/error-codes'


class GraphError(Exception):
    """An answer of the Graph API that is not a success."""

    def __init__(self, code, details='', *, message='', http=0, subcode=0, kind='OAuthException', user=(),
                 transient=False):
        """Take the error `code`; `details` for the sender, `user` = (title, text) as template creation shows them."""
        status, title, default = CODES.get(code, (400, 'An unknown error occurred', ''))
        super().__init__(f'{code} {details}')
        self.code = code
        self.http = http or status
        self.message = message or f'(#{code}) {title}'
        self.details = details or default
        self.subcode = subcode
        self.kind = kind
        self.user = user
        self.transient = transient

    def body(self, trace_id):
        """Return the JSON body of Meta's error answer."""
        error = {'message': self.message, 'type': self.kind, 'code': self.code}
        if self.details:
            error['error_data'] = {'messaging_product': 'whatsapp', 'details': self.details}
        if self.subcode:
            error['error_subcode'] = self.subcode
        if self.transient:
            error['is_transient'] = True
        if self.user:
            error['error_user_title'], error['error_user_msg'] = self.user
        error['fbtrace_id'] = trace_id
        return {'error': error}


def parameter_required(name):
    """Return the error for a missing top-level parameter."""
    return GraphError(100, message=f'(#100) The parameter {name} is required.')


def unexpected_key(key, where):
    """Return the error for a parameter that does not exist."""
    return GraphError(100, f'Unexpected key "{key}" on param "{where}"')


def bad_value(details):
    """Return the error for a parameter whose value is not usable."""
    return GraphError(131009, details)


def missing(details):
    """Return the error for a missing nested parameter."""
    return GraphError(131008, details)


def unknown_object(object_id, method):
    """Return Graph's answer for an id that does not exist or that the token cannot see."""
    text = (f"Unsupported {method.lower()} request. Object with ID '{object_id}' does not exist, cannot be loaded due"
            ' to missing permissions, or does not support this operation. Please read the Graph API documentation at'
            ' https://developers.facebook.com/docs/graph-api')
    return GraphError(100, message=text, subcode=33, kind='GraphMethodException')


def unknown_path(path):
    """Return Graph's answer for a path it does not know."""
    return GraphError(2500, message=f'Unknown path components: /{path}')


def status_error(code):
    """Return the entry of `statuses[].errors` for a failure that comes by webhook."""
    _http, title, details = CODES.get(code, (400, 'An unknown error occurred', ''))
    return {'code': code, 'title': title, 'message': title, 'error_data': {'details': details or title}, 'href': HREF}
