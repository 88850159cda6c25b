"""What is there before a marketer begins: an account, two templates Meta has approved, colleagues, customers."""
from dataclasses import dataclass

from kit.stage import Stage, rebuilt

from tests.simulator import world_templates as words

from .cast import STOP, WITHOUT_CONSENT, YES, cast

DATABASE = 'fluxforce_walk'
SHOP = 'https://www.example.com/shop'
ASK, NEWS = 'opt_in_renewal', 'come_back'
# More people than this are approved by a manager.
APPROVAL_ABOVE = 100
TEMPLATE_IDS = 905000000000001
WORDING = 'Write to me about offers.'
TEMPLATE, VARIABLE = 'fluxforce.whatsapp.template', 'fluxforce.whatsapp.template.variable'


@dataclass(frozen=True)
class Colleague:
    """A user with one right besides that of every user."""

    name: str
    login: str
    group: str

    @property
    def password(self):
        return self.login


MARKETER = Colleague('Marta Planner', 'marta', 'fluxforce_whatsapp_marketing.group_whatsapp_marketer')
APPROVER = Colleague('Alba Manager', 'alba', 'fluxforce_whatsapp.group_whatsapp_approver')


class Ground:
    """Use as a context manager."""

    def __init__(self, server):
        self.server = server
        self.stage = Stage(server, rebuilt(server, DATABASE), workers=2)
        self.people = cast()
        self.admin = None

    def __enter__(self):
        self.stage.__enter__()
        try:
            self._prepare()
        except BaseException:
            self.stage.__exit__(None, None, None)
            raise
        return self

    def __exit__(self, *error):
        self.stage.__exit__(*error)

    def control(self, *call):
        return self.stage.simulator.control(*call)

    def _prepare(self):
        self._prepare_meta()
        self.admin = self.stage.connect()
        self._prepare_account()
        self._fill_templates()
        self._hire(MARKETER)
        self._hire(APPROVER)
        self._prepare_people()

    # --- Meta ---------------------------------------------------------------------------------------------------------

    def _prepare_meta(self):
        """A Meta that has approved two templates more, the second with a link to this Odoo."""
        world = self.control('GET', '/world')
        world['wabas'][0]['templates'] += [
            words.as_listed(TEMPLATE_IDS + index, row) for index, row in enumerate(self._templates())]
        self.control('POST', '/reset', {'world': world})
        self.control('PUT', '/people', [actor.script() for actor in self.people])

    def _templates(self):
        ask = words.named_body(
            'Hi {{first_name}}, about two years ago you agreed to our news on WhatsApp. Shall we go on?',
            first_name='Mira')
        news = words.named_body(
            'Hi {{first_name}}, thank you. Have a look at what is new in our shop.', first_name='Mira')
        link = words.link('See what is new', f'{self.stage.url}/w/{{{{1}}}}', f'{self.stage.url}/w/abc')
        return (
            (ASK, 'en_US', 'MARKETING', 'APPROVED', (ask, words.buttons(words.reply(YES), words.reply(STOP)))),
            (NEWS, 'en_US', 'MARKETING', 'APPROVED', (news, words.buttons(words.reply(STOP), link))),
        )

    # --- Odoo ---------------------------------------------------------------------------------------------------------

    def _prepare_account(self):
        """No number that was connected a minute ago writes to so many people: this one has been there for long."""
        with self.server.cursor(DATABASE) as cursor:
            cursor.execute("UPDATE fluxforce_whatsapp_number SET registered_at = '2020-01-01', "
                           "warmup_done_at = '2020-02-01', warmup_id = NULL")
        company = self.admin.search('res.company', [], limit=1)
        self.admin.call('res.company', 'write', company, {'whatsapp_approval_above': APPROVAL_ABOVE})

    def _fill_templates(self):
        for key, values in {'body:first_name': {'source': 'field', 'field_path': 'name'},
                            'button:1:1': {'source': 'link', 'constant': SHOP}}.items():
            variables = self.admin.search(VARIABLE, [('template_id.name', 'in', (ASK, NEWS)), ('key', '=', key)])
            assert variables, f'no variable {key}'
            self.admin.call(VARIABLE, 'write', variables, values)

    def _hire(self, colleague):
        groups = [self.admin.call('ir.model.data', 'check_object_reference', *name.split('.'))[1]
                  for name in ('base.group_user', colleague.group)]
        self.admin.create('res.users', {
            'name': colleague.name, 'login': colleague.login, 'password': colleague.password,
            'email': f'{colleague.login}@example.com', 'group_ids': [(6, 0, groups)], 'odoobot_state': 'disabled'})

    def _prepare_people(self):
        """Customers of long standing, most of whom once agreed."""
        ids = self.admin.call('res.partner', 'create', [
            {'name': actor.name, 'phone': actor.phone} for actor in self.people])
        with self.server.cursor(DATABASE) as cursor:
            cursor.execute("UPDATE res_partner SET create_date = create_date - interval '3 years' WHERE id = ANY(%s)",
                           [ids])
        partner = dict(zip(self.people, ids, strict=True))
        self._record(partner, 'given', [actor for actor in self.people if actor.part != 'never agreed'])
        self._record(partner, 'withdrawn', [actor for actor in self.people if actor.part == 'took it back'])

    def _record(self, partner, decision, actors):
        self.admin.call('fluxforce.whatsapp.consent', 'create', [{
            'partner_id': partner[actor], 'purpose': 'marketing', 'decision': decision, 'source': 'form',
            'wording': WORDING} for actor in actors])

    def without_consent(self):
        """:return: set of numbers"""
        return {actor.wa_id for actor in self.people if actor.part in WITHOUT_CONSENT}
