from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, TransactionCase, tagged
from odoo.tools import mute_logger

from ..cloud_api.errors import ERRORS, ApiError
from ..policy.playbook import Action, Instruction
from .common import WhatsappCommon

UNKNOWN = 987654


class PlaybookCase(WhatsappCommon, TransactionCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.playbook = cls.env['fluxforce.whatsapp.error']

    def row(self, code):
        return self.playbook.search([('code', '=', code)])

    def add_row(self, code=UNKNOWN, user=None, **values):
        return self.playbook.with_user(user or self.whatsapp_admin).create(
            {'code': code, 'title': 'Something new', 'advice': 'Wait.', **values})


@tagged('post_install', '-at_install')
class TestPlaybook(PlaybookCase):
    """What administrators may make of it, and what an update leaves alone."""

    def test_every_row_says_what_the_outbox_does_and_who_must_act(self):
        for code, info in ERRORS.items():
            row = self.row(code)
            self.assertEqual((row.action, row.responsible), (info.action, info.responsible), code)

    def test_an_admin_changes_what_the_outbox_does(self):
        self.row(131026).with_user(self.whatsapp_admin).write({'action': 'retry', 'max_attempts': 2})

        self.assertEqual(self.playbook._instructions([131026]), {131026: Instruction(131026, Action.RETRY, 2)})

    def test_an_admin_edits_in_the_form(self):
        with Form(self.row(131049).with_user(self.whatsapp_admin)) as form:
            form.hold_hours = 48

        self.assertEqual((self.row(131049).hold_hours, self.row(131049).edited), (48, True))

    def test_an_admin_adds_a_code_nobody_knows(self):
        with Form(self.playbook.with_user(self.whatsapp_admin)) as form:
            form.code = UNKNOWN
            form.title = 'Something new'
            form.advice = 'Wait.'
            form.action = 'retry'

        instruction = self.playbook._instructions([UNKNOWN])[UNKNOWN]
        self.assertEqual((instruction.action, instruction.known), (Action.RETRY, True))

    def test_an_admin_deletes_what_was_added(self):
        row = self.add_row()

        row.unlink()

        self.assertFalse(self.row(UNKNOWN))

    def test_what_the_addon_brings_cannot_be_deleted(self):
        with self.assertRaisesRegex(UserError, '131026.*restore the default'):
            self.row(131026).with_user(self.whatsapp_admin).unlink()

    def test_the_code_of_an_error_stays(self):
        with self.assertRaisesRegex(UserError, 'stays as it is'):
            self.row(131026).with_user(self.whatsapp_admin).code = UNKNOWN

    def test_a_code_cannot_be_there_twice(self):
        with mute_logger('odoo.sql_db'), self.assertRaises(IntegrityError), self.cr.savepoint():
            self.add_row(131026)

    def test_a_negative_code_is_refused(self):
        with self.assertRaisesRegex(ValidationError, 'Code: -1'):
            self.add_row(-1)

    def test_tries_that_make_no_sense_are_refused(self):
        for tries in (0, -1, 21):
            with self.subTest(tries=tries), self.assertRaisesRegex(ValidationError, 'Tries: .*131016.*1 to 20'):
                self.row(131016).max_attempts = tries

    def test_hours_that_make_no_sense_are_refused(self):
        for hours in (0, -24, 721):
            with self.subTest(hours=hours), self.assertRaisesRegex(
                    ValidationError, 'Hours to Hold: .*131049.*1 to 720'):
                self.row(131049).hold_hours = hours

    def test_a_salesperson_reads_and_changes_nothing(self):
        row = self.row(131026).with_user(self.salesperson)

        self.assertTrue(row.read(['title', 'advice', 'action']))
        with self.assertRaises(AccessError):
            row.action = 'retry'
        with self.assertRaises(AccessError):
            row.action_restore_default()

    # --- Update of the addon ---------------------------------------------------------------------------------

    def test_an_update_leaves_alone_what_an_admin_changed(self):
        self.row(131026).with_user(self.whatsapp_admin).write({'action': 'hold', 'title': 'Not on WhatsApp'})

        self.playbook._load_playbook()

        self.assertEqual((self.row(131026).action, self.row(131026).title), ('hold', 'Not on WhatsApp'))

    def test_an_update_does_not_take_a_changed_row_for_one_no_longer_shipped(self):
        self.row(131026).with_user(self.whatsapp_admin).action = 'hold'
        self.registry.loaded_xmlids.discard('fluxforce_whatsapp.error_131026')

        self.playbook._load_playbook()

        self.assertIn('fluxforce_whatsapp.error_131026', self.registry.loaded_xmlids)

    def test_an_update_refreshes_what_nobody_changed(self):
        self.row(131026).write({'title': 'Words of the version before', 'edited': False})

        self.playbook._load_playbook()

        self.assertEqual(self.row(131026).title, ERRORS[131026].title)

    def test_an_update_brings_what_is_missing(self):
        self.env.cr.execute('DELETE FROM fluxforce_whatsapp_error WHERE code = 131026')
        self.env.invalidate_all()

        self.playbook._load_playbook()

        self.assertEqual(self.row(131026).title, ERRORS[131026].title)

    def test_an_update_takes_over_a_code_an_admin_described_before(self):
        self.env.cr.execute('DELETE FROM fluxforce_whatsapp_error WHERE code = 131026')
        self.env.invalidate_all()
        row = self.add_row(131026)

        self.playbook._load_playbook()

        self.assertEqual(self.row(131026), row)
        self.assertEqual((row.title, self.env.ref('fluxforce_whatsapp.error_131026')), ('Something new', row))

    # --- Restore default -------------------------------------------------------------------------------------

    def test_restore_default_undoes_the_change(self):
        row = self.row(131049).with_user(self.whatsapp_admin)
        row.write({'hold_hours': 1, 'action': 'retry', 'title': 'Held'})

        row.action_restore_default()

        self.assertEqual((row.hold_hours, row.action, row.title, row.edited),
                         (24, 'hold', ERRORS[131049].title, False))

    def test_restore_default_brings_the_translation_back(self):
        self.env['res.lang']._activate_lang('es_ES')
        self.env['ir.module.module']._load_module_terms(['fluxforce_whatsapp'], ['es_ES'])
        spanish = self.row(131026).with_user(self.whatsapp_admin).with_context(lang='es_ES')
        shipped = spanish.title
        spanish.title = 'No está en WhatsApp'

        spanish.action_restore_default()

        self.assertEqual(spanish.title, shipped)
        self.assertEqual(spanish.with_context(lang='en_US').title, ERRORS[131026].title)

    def test_restore_default_leaves_the_translations_of_others(self):
        self.env['res.lang']._activate_lang('es_ES')
        other = self.row(131021).with_user(self.whatsapp_admin).with_context(lang='es_ES')
        other.title = 'Uno mismo'

        self.row(131026).with_user(self.whatsapp_admin).action_restore_default()

        self.assertEqual(other.title, 'Uno mismo')

    def test_restore_default_leaves_what_an_admin_added(self):
        row = self.add_row(action='retry')

        row.action_restore_default()

        self.assertEqual((row.action, row.edited), ('retry', True))


@tagged('post_install', '-at_install')
class TestInstructions(PlaybookCase):
    """What the outbox is told."""

    def test_known_codes_tell_their_action_and_parameters(self):
        self.row(131049).hold_hours = 36

        instructions = self.playbook._instructions([131049, 131056])

        self.assertEqual(instructions[131049], Instruction(131049, Action.HOLD, hold_hours=36))
        self.assertEqual(instructions[131056].action, Action.PAIR)

    def test_the_permission_range_shares_a_row(self):
        instructions = self.playbook._instructions([200, 213, 299])

        self.assertEqual({instruction.action for instruction in instructions.values()}, {Action.PAUSE_ACCOUNT})
        self.assertEqual(instructions[213], Instruction(213, Action.PAUSE_ACCOUNT))

    def test_a_row_of_its_own_comes_before_the_range(self):
        self.add_row(213, action='fail')

        self.assertEqual(self.playbook._instructions([213, 214])[213].action, Action.FAIL)
        self.assertEqual(self.playbook._instructions([213, 214])[214].action, Action.PAUSE_ACCOUNT)

    def test_an_unknown_code_fails_and_is_told_apart(self):
        instruction = self.playbook._instructions([UNKNOWN])[UNKNOWN]

        self.assertEqual((instruction.action, instruction.known), (Action.FAIL, False))

    def test_many_codes_cost_one_query(self):
        self.env.invalidate_all()

        with self.assertQueryCount(1):
            self.playbook._instructions([*ERRORS, 213, UNKNOWN])

    def test_nothing_asked_nothing_told(self):
        self.assertEqual(self.playbook._instructions([]), {})
        self.assertEqual(self.playbook._instructions_for([]), [])

    def test_a_salesperson_s_message_is_judged_as_well(self):
        self.assertTrue(self.playbook.with_user(self.outsider)._instructions([131026])[131026].known)

    def test_each_error_gets_its_own_answer_in_order(self):
        errors = [ApiError(131026, 'Undeliverable'), ApiError(130429, 'Rate'), ApiError(131026, 'Undeliverable')]

        self.assertEqual([instruction.action for instruction in self.playbook._instructions_for(errors)],
                         [Action.FAIL, Action.SLOW, Action.FAIL])

    def test_a_known_code_decides_whatever_the_http_status_says(self):
        error = ApiError(131026, 'Undeliverable', http_status=503, is_transient=True)

        self.assertEqual(self.playbook._instructions_for([error])[0].action, Action.FAIL)

    def test_an_unknown_code_is_tried_again_if_the_answer_calls_it_passing(self):
        for answer in ({'is_transient': True}, {'http_status': 429}, {'http_status': 500}):
            with self.subTest(**answer):
                instruction = self.playbook._instructions_for([ApiError(UNKNOWN, 'Odd', **answer)])[0]
                self.assertEqual((instruction.action, instruction.known), (Action.RETRY, False))

    def test_an_unknown_code_fails_otherwise(self):
        refused = ApiError(UNKNOWN, 'Odd', http_status=400)
        self.assertEqual(self.playbook._instructions_for([refused])[0].action, Action.FAIL)

    def test_an_unknown_number_is_told_from_a_wrong_value(self):
        wrong_number = ApiError(100, 'Unsupported post request', subcode=33)

        self.assertEqual(self.playbook._instructions_for([wrong_number])[0].action, Action.PAUSE_NUMBER)
        self.assertEqual(self.playbook._instructions_for([ApiError(100, 'Invalid parameter')])[0].action, Action.FAIL)

    def test_the_permission_range_shares_its_words(self):
        self.assertIn('lacks a permission', self.playbook._explanations([213])[213])
