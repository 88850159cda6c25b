"""A template as Meta lists it: types in upper case, samples as links, the fixed texts of authentication filled in."""

import copy
import hashlib
from urllib.parse import urlencode

SAMPLE_URL = 'https://scontent.example.net/sample-'
OTP_URL = 'https://www.whatsapp.com/otp/code/?otp_type={kind}{app}&code=otp'
# by language: text, warning, footer, label
OTP_TEXTS = {
    'en': ('*{{1}}* is your verification code.', 'For your security, do not share this code.',
           'This code expires in {} minutes.', 'Copy code'),
    'es': ('*{{1}}* es tu código de verificación.', 'Por tu seguridad, no lo compartas.',
           'Este código caduca en {} minutos.', 'Copiar código'),
    'pt': ('*{{1}}* é seu código de verificação.', 'Para sua segurança, não o compartilhe.',
           'Este código expira em {} minutos.', 'Copiar código'),
    'fr': ('*{{1}}* est votre code de vérification.', 'Pour votre sécurité, ne le partagez pas.',
           'Ce code expire dans {} minutes.', 'Copier le code'),
    'de': ('*{{1}}* ist dein Bestätigungscode.', 'Gib diesen Code zu deiner Sicherheit nicht weiter.',
           'Dieser Code läuft in {} Minuten ab.', 'Code kopieren'),
    'it': ('*{{1}}* è il tuo codice di verifica.', 'Per la tua sicurezza, non condividerlo.',
           'Questo codice scade tra {} minuti.', 'Copia codice'),
}


def listed(data):
    """Return the components of a creation body as GET shows them."""
    components = [_upper(part) for part in copy.deepcopy(data['components'])]
    if str(data['category']).upper() == 'AUTHENTICATION':
        return _authentication(components, data['language'])
    for part in components:
        _finish(part)
        for card in part.get('cards', ()):
            card['components'] = [_upper(item) for item in card['components']]
            for item in card['components']:
                _finish(item)
    return components


def _upper(part):
    for key in ('type', 'format'):
        if key in part:
            part[key] = part[key].upper()
    for button in part.get('buttons', ()):
        button['type'] = button['type'].upper()
    return part


def _finish(part):
    handles = part.get('example', {}).get('header_handle')
    if handles:
        part['example']['header_handle'] = [_sample_url(handle) for handle in handles]
    for button in part.get('buttons', ()):
        if button['type'] == 'COPY_CODE':
            button.setdefault('text', 'Copy offer code')
        if isinstance(button.get('example'), str):
            button['example'] = [button['example']]


def _sample_url(handle):
    if handle.startswith(SAMPLE_URL):
        return handle
    return SAMPLE_URL + hashlib.sha256(handle.encode()).hexdigest()[:16]


def _authentication(components, language):
    parts = {part['type']: part for part in components}
    text, warning, footer, label = OTP_TEXTS.get(language.split('_')[0], OTP_TEXTS['en'])
    warned = bool(parts['BODY'].get('add_security_recommendation'))
    body = {'type': 'BODY', 'text': f'{text} {warning}' if warned else text, 'add_security_recommendation': warned,
            'example': {'body_text': [['123456']]}}
    result = [body]
    if 'FOOTER' in parts:
        minutes = parts['FOOTER']['code_expiration_minutes']
        result.append({'type': 'FOOTER', 'text': footer.format(minutes), 'code_expiration_minutes': minutes})
    return [*result, {'type': 'BUTTONS', 'buttons': [_otp_button(parts['BUTTONS']['buttons'][0], label)]}]


def _otp_button(button, label):
    url = OTP_URL.format(kind=button['otp_type'].upper(), app=_app_of(button))
    return {'type': 'URL', 'text': button.get('text') or label, 'url': url + '{{1}}', 'example': [f'{url}123456']}


def _app_of(button):
    """Return what the link tells of the app, the first one: its label, package and signature."""
    app = next(iter(button.get('supported_apps') or ()), button)
    told = {'cta_display_name': button.get('autofill_text'), 'package_name': app.get('package_name'),
            'signature_hash': app.get('signature_hash')}
    return ''.join(f'&{urlencode({key: value})}' for key, value in told.items() if value)
