from odoo.tests import TransactionCase, tagged

from .common import ComposerCommon


@tagged('post_install', '-at_install')
class TestComposerLanguages(ComposerCommon, TransactionCase):
    """One template, each person in their own language."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for code in ('es_ES', 'fr_FR'):
            cls.env['res.lang']._activate_lang(code)
        cls.ana.lang, cls.ben.lang, cls.chloe.lang = 'es_ES', 'en_US', 'fr_FR'

    def setUp(self):
        super().setUp()
        self.spanish = self.translate(self.plain_template, 'es', 'Atendemos de 9 a 17 h.')

    def test_each_gets_the_template_in_their_own_language(self):
        self.give_consent(self.ana | self.ben)

        self.compose(self.ana | self.ben, self.plain_template).action_send()

        self.assertEqual(self.messages_to(self.ana).template_id, self.spanish)
        self.assertEqual(self.messages_to(self.ana).body, 'Atendemos de 9 a 17 h.')
        self.assertEqual(self.messages_to(self.ben).template_id, self.plain_template)

    def test_a_language_that_the_template_lacks_is_told(self):
        self.give_consent(self.ana | self.ben | self.chloe)

        words = self.compose(self.ana | self.ben | self.chloe, self.plain_template).language_words

        self.assertIn('1 in Spanish (es)', words)
        self.assertIn('2 in English (en)', words)
        self.assertIn('The template lacks French (France) (fr_FR): 1 get it in English (en).', words)

    def test_everybody_may_get_the_same_language(self):
        self.give_consent(self.ana)

        self.compose(self.ana, self.plain_template, in_own_language=False).action_send()

        self.assertEqual(self.messages_to(self.ana).template_id, self.plain_template)

    def test_that_everybody_gets_the_same_is_not_called_a_lack(self):
        self.give_consent(self.ana | self.ben)

        words = self.compose(self.ana | self.ben, self.plain_template, in_own_language=False).language_words

        self.assertEqual(words, 'All get it in English (en); 1 read another language.')

    def test_that_everybody_gets_the_same_can_be_taken_back(self):
        composer = self.compose(self.ana, self.plain_template, in_own_language=False)

        self.assertTrue(composer.has_languages)

    def test_a_language_that_only_others_may_send_is_told(self):
        self.give_consent(self.ana | self.ben)
        self.spanish.sudo().allowed_user_ids = self.whatsapp_admin

        words = self.compose(self.ana | self.ben, self.plain_template).language_words

        self.assertEqual(words, 'You may not send it in Spanish (Spain) (es_ES): 1 get it in English (en).')

    def test_a_language_that_is_not_approved_is_no_choice(self):
        self.spanish.sudo().status = 'REJECTED'
        self.give_consent(self.ana)

        composer = self.compose(self.ana, self.plain_template)
        composer.action_send()

        self.assertEqual(self.messages_to(self.ana).template_id, self.plain_template)

    def test_a_template_is_offered_once_in_the_persons_language(self):
        offered = self.compose(self.ana).offered_ids

        self.assertIn(self.spanish, offered)
        self.assertNotIn(self.plain_template, offered)

    def test_the_preview_names_the_language(self):
        composer = self.compose(self.ana | self.ben, self.plain_template)

        self.assertEqual(composer.preview_name, 'Ana Costa · Spanish (es)')
        self.assertIn('Atendemos', composer.preview)
        composer.preview_index = 1
        self.assertEqual(composer.preview_name, 'Ben Okafor · English (en)')
        self.assertIn('Our support is open', composer.preview)

    def test_a_document_is_written_about_in_the_language_of_its_customer(self):
        self.assertEqual(self.ana._whatsapp_languages(), {self.ana.id: 'es_ES'})
