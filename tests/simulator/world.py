"""The default world and the index over a world. All ids and secrets are made up."""

import copy

from .budget import TIER_FIELD
from .people import Directory, digits_of
from .template_spec import TemplateSpec
from .world_templates import default_templates

APP_ID = '100200300400500'
APP_NAME = 'Simulated app'
APP_SECRET = 'simulated-app-secret-0123456789ab'
TOKEN = 'SIMULATED-TOKEN-not-a-secret'
VERIFY_TOKEN = 'simulated-verify-token'
PORTFOLIO_ID = '300400500600700'
WABA_ID = '217000000000001'
WABA_NAME = 'Simulated Bicycles'
PHONE_ID = '560000000000001'
PHONE_ID_2 = '560000000000002'
PHONE_NUMBER = '34910000111'
PHONE_NUMBER_2 = '34910000222'
TEMPLATE_ID_START = 904000000000001
GRAPH_VERSIONS = ('v21.0', 'v22.0', 'v23.0', 'v24.0', 'v25.0', 'v26.0')

PERSON_READS = '493023125310'
PERSON_IGNORES = '493023125311'
PERSON_REPLIES = '33199001234'
PERSON_NOT_ON_WHATSAPP = '493023125999'
PERSON_STOPPED_MARKETING = '34900111001'
PERSON_BLOCKED = '34900111002'
PERSON_HIDDEN = '34900111222'
PERSON_MEXICO = '5215512345678'
PERSON_BRAZIL = '555191234567'
PERSON_ARGENTINA = '5491123456789'
PERSON_US = '12025550123'


def default_people():
    """Return the scripts of the people of the default world."""
    return [
        {'wa_id': PERSON_READS, 'name': 'Mira Vogt'},
        {'wa_id': PERSON_IGNORES, 'name': 'Jonas Brandt', 'reads': False},
        {'wa_id': PERSON_REPLIES, 'name': 'Luc Arnaud', 'replies': 'Merci !'},
        {'wa_id': PERSON_NOT_ON_WHATSAPP, 'name': 'Nobody', 'on_whatsapp': False},
        {'wa_id': PERSON_STOPPED_MARKETING, 'name': 'Ana Costa', 'stopped_marketing': True},
        {'wa_id': PERSON_BLOCKED, 'name': 'Marta Lema', 'blocked': True},
        {'wa_id': PERSON_HIDDEN, 'name': 'Noa R.', 'hidden_number': True, 'username': 'noa.ribera',
         'user_id': 'ES.77310025541908827744'},
        {'wa_id': PERSON_MEXICO, 'name': 'Lucía Herrera'},
        {'wa_id': PERSON_BRAZIL, 'name': 'Rui Sousa'},
        {'wa_id': PERSON_ARGENTINA, 'name': 'Paula Ferro'},
        {'wa_id': PERSON_US, 'name': 'Theo Weber'},
    ]


def default_number(phone_id, number, name):
    """Return a connected business number."""
    return {
        'id': phone_id,
        'display_phone_number': f'+{number[:2]} {number[2:5]} {number[5:8]} {number[8:]}',
        'verified_name': name,
        'registered': True,
        'status': 'CONNECTED',
        'name_status': 'APPROVED',
        'quality_rating': 'GREEN',
        'quality_score': {'score': 'GREEN'},
        'code_verification_status': 'VERIFIED',
        'platform_type': 'CLOUD_API',
        'account_mode': 'LIVE',
        'throughput': {'level': 'STANDARD'},
        'is_official_business_account': False,
        'is_pin_enabled': True,
        'messaging_limit_tier': 'TIER_2K',
        'whatsapp_business_manager_messaging_limit': 'TIER_2K',
        'last_onboarded_time': '2026-06-01T08:00:00+0000',
        'health_status': {'can_send_message': 'AVAILABLE', 'entities': [
            {'entity_type': 'PHONE_NUMBER', 'id': phone_id, 'can_send_message': 'AVAILABLE'}]},
    }


def default_waba(waba_id=WABA_ID, numbers=(), templates=()):
    """Return one WhatsApp Business Account."""
    return {
        'id': waba_id,
        'name': WABA_NAME,
        'currency': 'EUR',
        'country': 'ES',
        'timezone_id': '62',
        'message_template_namespace': '1a2b3c4d_invented_namespace',
        'account_review_status': 'APPROVED',
        'business_verification_status': 'verified',
        'ownership_type': 'SELF',
        'owner_business_info': {'id': PORTFOLIO_ID, 'name': WABA_NAME},
        'whatsapp_business_manager_messaging_limit': 'TIER_2K',
        'health_status': {'can_send_message': 'AVAILABLE', 'entities': [
            {'entity_type': 'WABA', 'id': waba_id, 'can_send_message': 'AVAILABLE'}]},
        'subscribed': False,
        'override_callback_uri': '',
        'phone_numbers': list(numbers),
        'templates': list(templates),
    }


def default_world():
    """Return the default world as plain data, ready to be changed and given to POST /reset."""
    numbers = [
        default_number(PHONE_ID, PHONE_NUMBER, WABA_NAME),
        default_number(PHONE_ID_2, PHONE_NUMBER_2, f'{WABA_NAME} Service'),
    ]
    return {
        'graph_versions': list(GRAPH_VERSIONS),
        'app': {'id': APP_ID, 'name': APP_NAME, 'secret': APP_SECRET, 'callback_url': ''},
        'tokens': {TOKEN: [WABA_ID]},
        'wabas': [default_waba(numbers=numbers, templates=default_templates(TEMPLATE_ID_START))],
        'people': default_people(),
    }


class World:
    """A world with the look-ups the API needs."""

    def __init__(self, data=None):
        """Take a world as plain data; None = the default one."""
        self.data = copy.deepcopy(data) if data else default_world()
        self.app = self.data['app']
        self.tokens = {token: set(wabas) for token, wabas in self.data['tokens'].items()}
        self.versions = set(self.data.get('graph_versions') or GRAPH_VERSIONS)
        self.people = Directory(self.data.get('people', ()))
        self.wabas = {waba['id']: waba for waba in self.data['wabas']}
        self.numbers, self.templates, self.specs, self.owner = {}, {}, {}, {}
        self.translations = {}
        for waba in self.wabas.values():
            self._index(waba)

    def _index(self, waba):
        for number in waba.get('phone_numbers', ()):
            self.numbers[number['id']] = number
            self.owner[number['id']] = waba['id']
        for template in waba.setdefault('templates', []):
            self.add_template(waba, template, listed=True)

    def add_template(self, waba, template, listed=False):
        """Index a template; put it into the account's list unless it is there already."""
        if not listed:
            waba['templates'].append(template)
        self.templates[template['id']] = template
        self.owner[template['id']] = waba['id']
        self.translations.setdefault((waba['id'], template['name']), {})[template['language']] = template
        self.refresh_spec(template)

    def refresh_spec(self, template):
        """Read the components of a template again after a change."""
        self.specs[template['id']] = TemplateSpec(template['components'], template.get('parameter_format'))

    def remove_template(self, template):
        """Delete a template."""
        waba_id = self.owner.pop(template['id'])
        del self.templates[template['id']], self.specs[template['id']]
        del self.translations[waba_id, template['name']][template['language']]
        self.wabas[waba_id]['templates'].remove(template)

    def sees(self, token, object_id):
        """Tell whether the token may use an account, number or template."""
        waba_id = object_id if object_id in self.wabas else self.owner.get(object_id)
        return waba_id in self.tokens.get(token, ())

    def portfolio_of(self, waba_id):
        """Return the id of the business portfolio that owns an account."""
        return self.wabas[waba_id].get('owner_business_info', {}).get('id', PORTFOLIO_ID)

    def portfolio(self, portfolio_id):
        """Return the accounts of a portfolio."""
        return [waba for waba_id, waba in self.wabas.items() if self.portfolio_of(waba_id) == portfolio_id]

    def tier(self, portfolio_id):
        """Return the messaging limit of a portfolio as Meta words it, None when the world names none."""
        wabas = self.portfolio(portfolio_id)
        return next((item[TIER_FIELD] for item in self._carriers(wabas) if item.get(TIER_FIELD)), None)

    def set_tier(self, portfolio_id, tier):
        """Change the messaging limit wherever Meta shows it."""
        for item in self._carriers(self.portfolio(portfolio_id)):
            item[TIER_FIELD] = tier

    @staticmethod
    def _carriers(wabas):
        return [item for waba in wabas for item in (waba, *waba.get('phone_numbers', ()))]

    @staticmethod
    def own_digits(number):
        """Return the digits of a business number."""
        return digits_of(number['display_phone_number'])

    def as_dict(self):
        """Return the world as it is now."""
        return {**self.data, 'people': [dict(vars(person)) for person in self.people.listed.values()]}
