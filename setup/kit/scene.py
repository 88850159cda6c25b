"""Who is in the demo and how the people at the other end behave."""
from dataclasses import dataclass

# What fills the variables of the simulator's templates, by template and variable.
MAPPING = {
    'order_update': {'body:1': ('field', 'name'), 'body:2': ('constant', 'S00042')},
    'welcome_offer': {'body:1': ('field', 'name')},
    'appointment_reminder': {'body:first_name': ('field', 'name'), 'body:date': ('free', False)},
}
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


def map_variable(admin, template, key, source, value):
    column = {'field': 'field_path', 'constant': 'constant'}.get(source)
    variables = admin.search('fluxforce.whatsapp.template.variable',
                             [('template_id.name', '=', template), ('key', '=', key)])
    values = {'source': source, **({column: value} if column else {})}
    admin.call('fluxforce.whatsapp.template.variable', 'write', variables, values)
