from odoo.tests import TransactionCase, tagged

from ..cloud_api.template_calls import SampleProblem
from ..cloud_api.template_checks import Code, Problem, check

# Something for every name that stands in the words.
DETAILS = {
    'name': 'parcel', 'language': 'en', 'category': 'UTILITY', 'format': 'IMAGE', 'kind': 'QUICK_REPLY', 'length': 61,
    'limit': 60, 'count': 3, 'least': 2, 'most': 10, 'shortest': 30,
    'longest': 43_200, 'seconds': 5, 'words': ['sale'], 'needed': 7,
    'variable': 'first_name', 'variables': ['1', '2'], 'named': [], 'numbered': [], 'text': 'Yes', 'url': 'shop',
    'package': 'shop', 'signature': 'K8a', 'number': '0800', 'action': 'fly', 'link': 'bit.ly',
}


@tagged('post_install', '-at_install')
class TestTemplateAdvice(TransactionCase):
    """What is wrong with a template is said in words of the form."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.advice = cls.env['fluxforce.whatsapp.template.advice'].with_context(lang='en_US')

    def words(self, *args, **kwargs):
        return self.advice._words(Problem(*args, **kwargs))

    def test_every_problem_names_its_part_and_the_remedy(self):
        for code in Code:
            words = self.words('body', code, details=DETAILS)
            self.assertRegex(words, r'^Body: .+[.;] .+\.$', code)
            self.assertNotIn('%(', words, code)

    def test_a_length_is_told_with_its_limit(self):
        self.assertEqual(
            self.words('header', Code.TOO_LONG, details={'length': 61, 'limit': 60}),
            'Header: it has 61 characters, Meta takes 60. Shorten it.')

    def test_variables_are_written_as_in_the_text(self):
        self.assertEqual(
            self.words('body', Code.SAMPLE_MISSING, details={'variables': ['1', 'order']}),
            'Body: the reviewers need a sample for {{1}}, {{order}}. Enter one that looks like a real value.')

    def test_times_and_categories_are_read_by_people(self):
        details = {'seconds': 5, 'shortest': 30, 'longest': 43_200, 'category': 'UTILITY'}
        self.assertEqual(
            self.words('ttl', Code.TTL_OUT_OF_RANGE, details=details),
            'Time to live: Utility takes 30 seconds to 12 hours, not 5 seconds. Enter a time between them, or leave it '
            'empty.')

    def test_minutes_of_a_code_are_minutes(self):
        self.assertIn('1 to 90 minutes', self.words('footer', Code.OTP_MINUTES, details={'least': 1, 'most': 90}))

    def test_buttons_and_cards_are_counted_from_one(self):
        self.assertEqual(self.advice._part_words('button:0'), 'Button 1')
        self.assertEqual(self.advice._part_words('card:1'), 'Card 2')
        self.assertEqual(self.advice._part_words('card:1:button:0'), 'Card 2, Button 1')
        self.assertEqual(self.advice._part_words('card:0:body'), 'Card 1, Body')

    def test_several_problems_are_said_at_once_in_their_order(self):
        problems = check({'name': 'Parcel', 'language': 'en', 'category': 'UTILITY', 'components': []})
        self.assertEqual(self.advice._all_words(problems), [self.advice._words(problem) for problem in problems])
        self.assertEqual(len(problems), 2)

    def test_a_file_is_judged_in_words(self):
        for problem in SampleProblem:
            self.assertRegex(self.advice._file_words(problem), r'^Sample: .+\. .+\.$')
