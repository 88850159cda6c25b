"""What makes two messages the same to who gets them."""

import json
from hashlib import blake2b

#: Bytes: enough that two contents of one person are never taken for one. [own]
KEY_BYTES = 8
_ENCODER = json.JSONEncoder(sort_keys=True, default=str)


def content_key(template_id, values):
    """Fold a template and its values into a short text, the same for the same content whatever the values' order.

    :param int template_id: the template is in one language and one version at a time
    :param dict values: of the variables, may be None
    :return: hexadecimal digits
    :rtype: str
    """
    text = _ENCODER.encode([template_id, values or {}])
    return blake2b(text.encode('utf-8', 'surrogatepass'), digest_size=KEY_BYTES).hexdigest()
