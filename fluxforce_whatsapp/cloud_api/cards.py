"""The content of a contact card [S26:messages/contacts-messages, 2026-09-11]."""


def card(name, phone='', email='', company='', job='', website=''):
    """Put a contact together for :func:`cloud_api.free_form.contacts`.

    :param str phone: E.164; with its digits as ``wa_id`` the card has WhatsApp's button to write to it
    :param str company: empty for none; of a company itself leave it empty
    :rtype: dict
    """
    result = {'name': {'formatted_name': name, 'first_name': name}}
    if phone:
        result['phones'] = [{'phone': phone, 'type': 'WORK', 'wa_id': phone.lstrip('+')}]
    if email:
        result['emails'] = [{'email': email, 'type': 'WORK'}]
    if website:
        result['urls'] = [{'url': website, 'type': 'WORK'}]
    if organisation := {key: value for key, value in (('company', company), ('title', job)) if value}:
        result['org'] = organisation
    return result
