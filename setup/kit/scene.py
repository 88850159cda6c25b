"""Who is in the demo and how the people at the other end behave."""
from dataclasses import dataclass

# What fills the variables of the simulator's templates, by template and variable.
MAPPING = {
    'order_update': {'body:1': ('field', 'name'), 'body:2': ('constant', 'S00042')},
    'welcome_offer': {'body:1': ('field', 'name')},
    'appointment_reminder': {'body:first_name': ('field', 'name'), 'body:date': ('free', False)},
}
# Templates for the records of other apps: model, and what fills the variables.
IN_APPS = {
    'track_parcel': ('sale.order', {'header:1': ('field', 'name'), 'button:0:1': ('field', 'name')}),
    'payment_received': ('account.move', {
        'body:1': ('field', 'partner_id.name'), 'body:2': ('field', 'amount_total'), 'body:3': ('field', 'name')}),
    'support_hours': ('crm.lead', {}),
    'delivery_slot': ('event.registration', {
        'body:1': ('field', 'name'), 'body:2': ('field', 'event_begin_date')}),
}
# What the salesperson may see of them.
GROUPS_IN_APPS = ('sales_team.group_sale_salesman_all_leads', 'account.group_account_invoice',
                  'event.group_event_registration_desk')
# Scripts of people, by wa_id; everybody else gets a message and reads it.
AT_THE_OTHER_END = [
    {'wa_id': '33199000010', 'name': 'Ada', 'replies': 'Thank you! When will it arrive?', 'reply_after': 1},
    {'wa_id': '33199000011', 'name': 'Bruno', 'reads': False},
    {'wa_id': '33199000012', 'name': 'Carmen', 'reads': False},
    {'wa_id': '33199009999', 'name': 'Nobody', 'on_whatsapp': False},
    {'wa_id': '5215512345678', 'name': 'Yolanda', 'reads': True},
]


@dataclass(frozen=True)
class Person:
    role: str
    login: str
    password: str


SALESPERSON = Person('salesperson', 'sales', 'sales')
MARKETER = Person('marketer', 'marketer', 'marketer')
PEOPLE = (Person('admin', 'admin', 'admin'), SALESPERSON, MARKETER)


def prepare(stage):
    """Script the people, connect the account, say what fills the templates.

    :return: the administrator's session.
    """
    stage.simulator.control('PUT', '/people', AT_THE_OTHER_END)
    admin = stage.connect()
    for name, sources in MAPPING.items():
        for key, (source, value) in sources.items():
            map_variable(admin, name, key, source, value)
    return admin


def silence_odoobot(admin):
    """On a phone the chat with which OdooBot greets a new user covers whatever was opened."""
    if admin.call('res.users', 'fields_get', ['odoobot_state']):
        users = admin.search('res.users', [('login', 'in', [person.login for person in PEOPLE])])
        admin.call('res.users', 'write', users, {'odoobot_state': 'disabled'})


def show_apps(admin):
    """Say which templates are for quotations, invoices, leads and attendees, and let the salesperson see these.

    :param admin: the administrator's session.
    """
    salesperson = admin.search('res.users', [('login', '=', SALESPERSON.login)])
    groups = [admin.call('ir.model.data', 'check_object_reference', *name.split('.'))[1] for name in GROUPS_IN_APPS]
    admin.call('res.users', 'write', salesperson, {'group_ids': [(4, group) for group in groups]})
    for name, (model, sources) in IN_APPS.items():
        templates = admin.search('fluxforce.whatsapp.template', [('name', '=', name)])
        model_id, = admin.search('ir.model', [('model', '=', model)])
        admin.call('fluxforce.whatsapp.template', 'write', templates, {'model_id': model_id})
        for key, (source, value) in sources.items():
            map_variable(admin, name, key, source, value)


def map_variable(admin, template, key, source, value):
    column = {'field': 'field_path', 'constant': 'constant'}.get(source)
    variables = admin.search('fluxforce.whatsapp.template.variable',
                             [('template_id.name', '=', template), ('key', '=', key)])
    values = {'source': source, **({column: value} if column else {})}
    admin.call('fluxforce.whatsapp.template.variable', 'write', variables, values)
