"""Odoo core's SMS queue through ``sms_twilio``, against Meta's stand-in, which answers like Twilio as well."""
import time

import requests

from odoo import SUPERUSER_ID, api
from odoo.modules.registry import Registry

from tests.faults.worker import apart

from .core_database import prepared

DATABASE = 'fluxforce_core_sms'
MODULE = 'sms_twilio'
TWILIO = 'https://api.twilio.com'
ACCOUNT = {'sms_provider': 'twilio', 'sms_twilio_account_sid': f'AC{"0" * 32}', 'sms_twilio_auth_token': 'secret'}
SENDER = '+33199000001'


def answer_times(server, url, count):
    """Send ``count`` SMS as core's cron does. :return: when each was answered, in Unix seconds."""
    database = prepared(server, DATABASE, MODULE)
    return apart(lambda: send_all(database, url, count))


def send_all(database, url, count):
    times = redirect_twilio(url)
    with Registry(database).cursor() as cr:
        env = api.Environment(cr, SUPERUSER_ID, {})
        queue(env, count)
        outgoing = [('state', '=', 'outgoing'), ('to_delete', '!=', True)]
        while env['sms.sms'].search_count(outgoing):
            env['sms.sms']._process_queue()
    return times


def redirect_twilio(url):
    """Core has Twilio's address written into the call. :return: a list that fills with the times of the answers."""
    times, post = [], requests.Session.post

    def redirected(self, address, **kwargs):
        answer = post(self, address.replace(TWILIO, url), **kwargs)
        answer.raise_for_status()
        times.append(time.time())
        return answer

    requests.Session.post = redirected
    return times


def queue(env, count):
    env.company.write(ACCOUNT)
    env['sms.twilio.number'].create({'company_id': env.company.id, 'number': SENDER,
                                     'country_id': env.ref('base.fr').id})
    env['sms.sms'].create([{'number': f'+3353{n:07d}', 'body': f'Hi Customer {n}, your order S00042 is on its way.'}
                           for n in range(count)])
    env.cr.commit()
