import base64
from datetime import timedelta
from unittest.mock import patch

import requests

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import TransactionCase, tagged
from odoo.tools import mute_logger

from .common import NOON, WhatsappCommon, message_payload
from .fake_meta import MEDIA_HOST, response

MEDIA = 'odoo.addons.fluxforce_whatsapp.models.fluxforce_whatsapp_media'
# The smallest of each kind that is known by its content.
PNG = base64.b64decode('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk'
                       '+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==')
OGG = b'OggS\x00\x02' + b'\x00' * 40
PDF = b'%PDF-1.4\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n'
HTML = b'<html><body><script>alert(1)</script></body></html>'


class MediaCase(WhatsappCommon, TransactionCase):

    def send(self, kind='image', content=PNG, mime_type='image/png', **values):
        """Let Ana send a file; what is fetched is for the scheduled action."""
        self.receive(message_payload(kind, self.meta.keep_file(content, mime_type, **values)))

    @property
    def media(self):
        return self.inbound().media_ids

    @property
    def shown(self):
        return self.chatter(self.ana)[-1:]

    def assert_missing(self, problem):
        """The message is there, says that its file is not, and nothing is kept."""
        self.assertEqual(len(self.shown), 1)
        self.assertIn('could not be fetched', self.shown.body)
        self.assertEqual(self.media.problem, problem)
        self.assertFalse(self.shown.attachment_ids)


@tagged('post_install', '-at_install')
class TestFetch(MediaCase):
    """Files that come as they should."""

    def test_a_picture_comes_into_the_chatter(self):
        self.send(caption='Our front door')
        self.fetch_files()

        attachment = self.shown.attachment_ids
        self.assertEqual((attachment.raw, attachment.mimetype), (PNG, 'image/png'))
        self.assertEqual(self.media.state, 'done')
        self.assertIn('Our front door', self.shown.body)

    def test_nothing_is_fetched_while_webhooks_are_applied(self):
        self.send()

        self.assertFalse(self.meta.called('media') + self.meta.called('download'))
        self.assertIn('being fetched', self.shown.body)
        self.assertEqual(self.media.state, 'waiting')

    def test_a_message_with_a_file_wakes_the_scheduled_action(self):
        with self.capture_triggers('fluxforce_whatsapp.ir_cron_fetch_media') as captured:
            self.send()

        self.assertEqual(len(captured.records), 1)

    def test_what_came_is_not_announced_any_more(self):
        self.send()
        self.fetch_files()

        self.assertNotIn('being fetched', self.shown.body)

    def test_the_file_belongs_to_the_document_and_is_not_public(self):
        self.send()
        self.fetch_files()

        attachment = self.shown.attachment_ids
        self.assertEqual((attachment.res_model, attachment.res_id), ('res.partner', self.ana.id))
        self.assertFalse(attachment.public or attachment.access_token)

    def test_the_received_message_shows_its_file_to_who_may_see_the_document(self):
        self.send()
        self.fetch_files()
        message = self.inbound().with_user(self.salesperson)
        self.assertEqual(message.attachment_ids, self.media.attachment_id)

        self.media.attachment_id.write({'res_model': 'ir.config_parameter', 'res_id': 1})
        message.invalidate_recordset()

        self.assertFalse(message.attachment_ids)

    def test_a_voice_note_is_one_for_the_player(self):
        self.send('audio', OGG, 'audio/ogg; codecs=opus', voice=True)
        self.fetch_files()

        attachment = self.shown.attachment_ids
        self.assertTrue(attachment.voice_ids)
        self.assertEqual((attachment.name, attachment.mimetype), ('Voice note.ogg', 'audio/ogg'))

    def test_other_sound_is_no_voice_note(self):
        self.send('audio', OGG, 'audio/ogg', voice=False)
        self.fetch_files()

        self.assertFalse(self.shown.attachment_ids.voice_ids)

    def test_a_document_keeps_its_name(self):
        self.send('document', PDF, 'application/pdf', filename='contrat-signé.pdf')
        self.fetch_files()

        self.assertEqual(self.shown.attachment_ids.name, 'contrat-signé.pdf')

    def test_a_name_that_points_elsewhere_is_made_harmless(self):
        self.send('document', PDF, 'application/pdf', filename='../../etc/\u202epasswd')
        self.fetch_files()

        self.assertEqual(self.shown.attachment_ids.name, 'passwd.pdf')

    def test_a_page_is_kept_as_text(self):
        self.send('document', HTML, 'text/html', filename='page.html')
        self.fetch_files()

        self.assertEqual(self.shown.attachment_ids.mimetype, 'text/plain')

    def test_a_picture_is_kept_as_it_was_sent(self):
        self.env['ir.config_parameter'].set_param('base.image_autoresize_max_px', '1x1')
        self.send()
        self.fetch_files()

        self.assertEqual(self.shown.attachment_ids.raw, PNG)

    def test_the_link_of_the_webhook_is_used_first(self):
        self.send(url=f'https://{MEDIA_HOST}/webhook/700000000000001')
        self.fetch_files()

        self.assertEqual(self.media.state, 'done')
        self.assertFalse(self.meta.called('media'))

    def test_a_link_that_has_had_its_time_is_asked_for_anew(self):
        self.send(url=f'https://{MEDIA_HOST}/old/gone')
        self.fetch_files()

        self.assertEqual(self.media.state, 'done')
        self.assertEqual(len(self.meta.called('media')), 1)

    def test_a_link_to_a_foreign_host_never_gets_the_token(self):
        self.send(url='https://evil.invalid/file')
        self.fetch_files()

        self.assertEqual(self.media.state, 'done')
        self.assertEqual(len(self.meta.called('download')), 1)

    def test_the_same_content_is_kept_once_on_a_message(self):
        self.send()
        self.fetch_files()
        self.media.write({'state': 'waiting', 'next_at': fields.Datetime.now()})

        self.fetch_files()

        self.assertEqual(len(self.shown.attachment_ids), 1)

    def test_what_is_deleted_takes_its_file_along(self):
        self.send()
        self.fetch_files()
        attachment = self.shown.attachment_ids

        self.receive(message_payload('revoke', {'original_message_id': 'wamid.INBOUND1'}, wamid='wamid.REVOKE',
                                     timestamp=NOON + 60))

        self.assertFalse(attachment.exists())
        self.assertFalse(self.shown.attachment_ids)
        self.assertEqual(self.media.state, 'deleted')

    def test_what_was_deleted_before_its_file_came_stays_without(self):
        self.send()
        self.receive(message_payload('revoke', {'original_message_id': 'wamid.INBOUND1'}, wamid='wamid.REVOKE',
                                     timestamp=NOON + 60))

        self.fetch_files()

        self.assertFalse(self.meta.called('media'))
        self.assertFalse(self.shown.attachment_ids)

    def test_what_is_deleted_while_its_file_comes_stays_without(self):
        self.send()
        real = self.env.registry['fluxforce.whatsapp.media']._run

        def delete_meanwhile(media, job):
            self.inbound()._revoke(fields.Datetime.now())
            return real(media, job)

        with patch(f'{MEDIA}.FluxforceWhatsappMedia._run', delete_meanwhile):
            self.fetch_files()

        self.assertEqual(self.media.state, 'deleted')
        self.assertFalse(self.shown.attachment_ids)

    def test_a_file_of_nobodys_message_waits_with_it_and_comes_along(self):
        self.account.create_contacts = False
        self.receive(message_payload('image', self.meta.keep_file(PNG), sender='447400123999'))
        self.fetch_files()
        attachment = self.media.attachment_id
        self.assertEqual((attachment.res_model, attachment.res_id), ('fluxforce.whatsapp.inbound', self.inbound().id))
        with self.assertRaises(AccessError):
            attachment.with_user(self.salesperson).read(['raw'])

        self.inbound()._assign(self.ben)

        self.assertEqual(self.chatter(self.ben).attachment_ids, attachment)
        self.assertEqual((attachment.res_model, attachment.res_id), ('res.partner', self.ben.id))

    def test_a_run_fetches_all_that_is_due(self):
        for index in range(3):
            file = self.meta.keep_file(PNG, media_id=f'70000000000000{index}')
            self.receive(message_payload('image', file, wamid=f'wamid.{index}'))

        self.fetch_files()

        self.assertEqual(self.env['fluxforce.whatsapp.media'].search([]).mapped('state'), ['done'] * 3)

    def test_the_claim_is_committed_before_meta_is_asked(self):
        self.send()
        states = []

        def note(media, done):
            media.env.flush_all()
            states.append((self.media.state, len(self.meta.called('media'))))
            return 60

        with patch.object(self.registry['fluxforce.whatsapp.media'], '_commit', note):
            self.env['fluxforce.whatsapp.media']._cron_fetch()

        self.assertIn(('fetching', 0), states)
        self.assertEqual(states[-2:], [('done', 1)] * 2)


@tagged('post_install', '-at_install')
class TestBadFiles(MediaCase):
    """Files that do not come as they should: the message is kept and says so."""

    def test_a_file_meta_does_not_have_any_more(self):
        self.send()
        self.meta.files.clear()

        self.fetch_files()

        self.assert_missing('gone')

    def test_a_link_that_stays_expired(self):
        self.send()
        self.meta.fail('download', response(404, b'Not Found', 'text/plain'))

        self.fetch_files()

        self.assert_missing('gone')
        self.assertEqual(len(self.meta.called('media')), 2)

    def test_a_refused_token(self):
        self.send()
        self.meta.fail('download', response(401, b'', 'text/plain'))
        self.meta.fail('media', 190)

        self.fetch_files()

        self.assert_missing('refused')

    def test_an_account_without_a_token(self):
        self.send()
        self.account.token = False

        self.fetch_files()

        self.assert_missing('settings')
        self.assertFalse(self.meta.called('media'))

    def test_a_wrong_checksum(self):
        self.send()
        self.meta.files['700000000000001']['content'] = PNG + b'changed'

        self.fetch_files()

        self.assert_missing('damaged')

    def test_nothing_in_it(self):
        self.send(content=b'')

        self.fetch_files()

        self.assert_missing('empty')

    def test_more_than_is_announced_as_possible(self):
        self.send()
        self.meta.files['700000000000001']['file_size'] = 100 * 1024 * 1024 + 1

        self.fetch_files()

        self.assert_missing('too_large')
        self.assertEqual(self.media.state, 'failed')
        self.assertFalse(self.meta.called('download'))

    def test_more_than_is_taken_although_nothing_was_announced(self):
        self.send(url=f'https://{MEDIA_HOST}/webhook/700000000000001')

        with patch(f'{MEDIA}.MAX_BYTES', len(PNG) - 1):
            self.fetch_files()

        self.assert_missing('too_large')

    def test_a_page_that_calls_itself_a_picture(self):
        self.send(content=HTML, mime_type='image/jpeg')

        self.fetch_files()

        self.assert_missing('other_type')
        self.assertEqual(self.media.state, 'failed')

    def test_a_page_that_calls_itself_a_document(self):
        self.send('document', HTML, 'application/pdf', filename='bill.pdf')

        self.fetch_files()

        self.assert_missing('other_type')

    def test_meta_is_not_reached(self):
        self.send()
        self.meta.fail('media', requests.ConnectionError())

        self.fetch_files()

        self.assert_missing('unreachable')

    def test_a_file_that_cannot_be_kept(self):
        self.send()

        with (patch.object(self.env.registry['ir.attachment'], 'create', side_effect=ValueError('disk full')),
              mute_logger(MEDIA)):
            self.fetch_files()

        self.assert_missing('broken')

    def test_one_bad_file_does_not_stop_the_others(self):
        self.send(content=b'')
        self.receive(message_payload('image', self.meta.keep_file(PNG, media_id='700000000000002'), wamid='wamid.2'))

        self.fetch_files()

        self.assertEqual(self.inbound('wamid.2').media_ids.state, 'done')

    def test_the_caption_stays_readable(self):
        self.send(content=b'', caption='Our front door')

        self.fetch_files()

        self.assertIn('Our front door', self.shown.body)


@tagged('post_install', '-at_install')
class TestTriesAgain(MediaCase):

    def setUp(self):
        super().setUp()
        self.send()
        self.meta.fail('media', requests.ConnectionError())
        self.fetch_files()

    def come_due(self):
        self.media.next_at = fields.Datetime.now()

    def test_the_next_try_comes_by_itself_after_a_pause(self):
        self.assertEqual(self.media.state, 'waiting')
        self.assertGreater(self.media.next_at, fields.Datetime.now() + timedelta(minutes=4))
        self.assertIn('tried again by itself', self.shown.body)

    def test_before_the_pause_is_over_meta_is_not_asked(self):
        asked = len(self.meta.called('media'))

        self.fetch_files()

        self.assertEqual(len(self.meta.called('media')), asked)

    def test_what_comes_in_the_end_takes_the_mark_away(self):
        self.meta.heal()
        self.come_due()

        self.fetch_files()

        self.assertNotIn('could not be fetched', self.shown.body)
        self.assertEqual(self.shown.attachment_ids.raw, PNG)

    def test_the_pauses_grow_and_end_after_five_tries(self):
        pauses = []
        while self.media.state == 'waiting':
            pauses.append(self.media.next_at - fields.Datetime.now())
            self.come_due()
            self.fetch_files()

        self.assertEqual((self.media.state, self.media.attempts), ('failed', 5))
        self.assertEqual(pauses, sorted(pauses))
        self.assertLess(sum(pauses, timedelta()), timedelta(days=1))
        self.assertIn('Try again', self.shown.body)

    def test_a_salesperson_tries_again_what_was_given_up(self):
        self.media.state = 'failed'
        self.meta.heal()

        self.inbound().with_user(self.salesperson).action_fetch_again()
        self.fetch_files()

        self.assertEqual(self.media.state, 'done')

    def test_what_waits_for_its_next_try_may_be_tried_at_once(self):
        self.meta.heal()

        self.inbound().with_user(self.salesperson).action_fetch_again()
        self.fetch_files()

        self.assertEqual(self.media.state, 'done')

    def test_who_may_not_read_the_message_asks_for_no_file(self):
        self.media.state = 'failed'
        self.inbound().write({'res_model': 'ir.config_parameter', 'res_id': 1})

        with self.assertRaises(AccessError):
            self.inbound().with_user(self.salesperson).action_fetch_again()

    def test_the_claim_of_a_worker_that_died_is_taken_up(self):
        self.meta.heal()
        self.media.write({'state': 'fetching', 'claimed_at': fields.Datetime.now() - timedelta(hours=1)})

        self.fetch_files()
        self.assertEqual(self.media.state, 'waiting')
        self.come_due()
        self.fetch_files()

        self.assertEqual(self.media.state, 'done')

    def test_a_file_that_kills_every_worker_is_given_up(self):
        self.media.write({'state': 'fetching', 'attempts': 5, 'claimed_at': fields.Datetime.now() - timedelta(hours=1)})

        self.fetch_files()

        self.assertEqual(self.media.state, 'failed')

    def test_the_claim_of_a_worker_that_lives_is_left_alone(self):
        self.media.write({'state': 'fetching', 'claimed_at': fields.Datetime.now()})

        self.fetch_files()

        self.assertEqual(self.media.state, 'fetching')
