from odoo.addons.fluxforce_whatsapp.tests.fake_meta import template_row

from .common import MarketingCommon

PHONE = ('Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Mobile '
         'Safari/537.36')
SHOP = 'https://shop.example.com/spring?size=54'


class LinksCommon(MarketingCommon):
    """Templates with a link in the text and one behind a button, whose clicks are counted."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        base = cls.env['ir.config_parameter'].get_param('web.base.url')
        button = {'type': 'BUTTONS', 'buttons': [
            {'type': 'URL', 'text': 'See', 'url': f'{base}/w/{{{{1}}}}', 'example': [f'{base}/w/abc']}]}
        cls.env['fluxforce.whatsapp.template']._sync(cls.account, [
            *cls.meta.templates,
            template_row('901', 'catalogue', 'Here it is: {{1}} Have fun!', category='MARKETING', samples=['abc']),
            template_row('902', 'visit', 'It is spring.', category='MARKETING', more=(button,))])
        by_name = {template.name: template for template in cls.env['fluxforce.whatsapp.template'].search(
            [('account_id', '=', cls.account.id)])}
        cls.text_template, cls.button_template = by_name['catalogue'], by_name['visit']
        for template in (cls.text_template, cls.button_template):
            template.variable_ids.write({'source': 'link', 'constant': SHOP})

    def send(self, partners=None, template=None):
        """:return: the messages of people who agreed."""
        return self.queue_agreed(self.ana if partners is None else partners, template or self.text_template,
                                 user=self.marketer)

    def code(self, message):
        """:return: the code in a message's link."""
        value, = message.values.values()
        return value.rpartition('/')[2]

    def count_clicks(self):
        with self.no_commit():
            self.env['fluxforce.whatsapp.click']._cron_count()
        self.env.invalidate_all()
