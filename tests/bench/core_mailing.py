"""Odoo core's SMS mailing while it prepares who gets what, in a database with nothing of ours."""
import time

from odoo import SUPERUSER_ID, api
from odoo.modules.registry import Registry

from tests.faults.worker import apart

from .core_database import prepared

DATABASE = 'fluxforce_core_mailing'
MODULE = 'mass_mailing_sms'
BODY = 'Hi {{ object.name }}, welcome. Your first helmet costs you nothing until Sunday.'


def seconds(server, people, turns):
    """:param str people: statement that adds the people. :return: for each turn, seconds of the preparation."""
    database = prepared(server, DATABASE, MODULE)
    return apart(lambda: prepare(database, people, turns))


def prepare(database, people, turns):
    with Registry(database).cursor() as cr:
        env = api.Environment(cr, SUPERUSER_ID, {})
        cr.execute(people)
        cr.execute('ANALYZE res_partner')
        ids = env['res.partner'].search([('ref', 'like', 'gate-')], order='id').ids
        composer = composer_for(env, ids)
        result = [timed(env, composer, ids) for _ in range(turns)]
        cr.rollback()
    return result


def queue_seconds(server, people):
    """:param str people: statement that adds the people. :return: seconds until core's whole mailing lies in its queue,
        with a trace for each: links shortened, SMS and traces written, nothing sent.
    """
    database = prepared(server, DATABASE, MODULE)
    return apart(lambda: queue(database, people))


def queue(database, people):
    with Registry(database).cursor() as cr:
        env = api.Environment(cr, SUPERUSER_ID, {})
        cr.execute(people)
        cr.execute('ANALYZE res_partner')
        mailing = mailing_for(env)
        mailing.mailing_domain = "[('ref', 'like', 'gate-')]"
        env.flush_all()
        env.invalidate_all()
        begun = time.perf_counter()
        mailing.action_send_sms()
        env.flush_all()
        seconds = time.perf_counter() - begun
        count = env['mailing.trace'].search_count([('mass_mailing_id', '=', mailing.id)])
        assert count == env['sms.sms'].search_count([('mailing_id', '=', mailing.id)]), count
        cr.rollback()
    return {'seconds': seconds, 'count': count}


def mailing_for(env):
    return env['mailing.mailing'].create({
        'subject': 'Offer', 'mailing_type': 'sms', 'body_plaintext': BODY,
        'mailing_model_id': env['ir.model']._get_id('res.partner')})


def composer_for(env, ids):
    mailing = mailing_for(env)
    return env['sms.composer'].with_context(active_id=False).create(mailing._send_sms_get_composer_values(ids))


def timed(env, composer, ids):
    env.flush_all()
    env.invalidate_all()
    begun = time.perf_counter()
    composer._prepare_mass_sms_values(env['res.partner'].browse(ids))
    return time.perf_counter() - begun
