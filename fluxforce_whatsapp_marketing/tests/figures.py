from unittest.mock import patch

from ..models.fluxforce_campaign_audience import FluxforceCampaign
from .common import JourneyCommon
from .links import LinksCommon

UNDELIVERABLE, OPTED_OUT, UNKNOWN_TROUBLE = 131026, 131050, 131000
NAMES = ('Ana', 'Ben', 'Chloe', 'Dora', 'Egon', 'Fay', 'Gil', 'Hana', 'Ivo', 'Jon', 'Kim', 'Lea', 'Mia', 'Max')
# Who is held out; all others are written to.
HELD_OUT = ('Mia', 'Max')
# Who has not agreed.
REFUSED = ('Jon',)


class FiguresCommon(JourneyCommon, LinksCommon):
    """Fourteen people whose fates are known, so that every figure can be counted by hand."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.crowd = {name: cls.env['res.partner'].create(
            {'name': name, 'phone': f'+44 7400 1360{number:02}'}) for number, name in enumerate(NAMES)}
        cls.env['fluxforce.whatsapp.price'].create({
            'prefix': '44', 'category': 'marketing', 'amount': 0.05, 'valid_from': '2020-01-01',
            'currency_id': cls.account.company_id.currency_id.id})

    def everybody(self):
        return self.env['res.partner'].union(*self.crowd.values())

    def agree(self):
        """Everybody agrees on the web, Ana on paper; Jon does not."""
        self.give_consent(self.crowd['Ana'], 'marketing', source='paper')
        others = [person for name, person in self.crowd.items() if name not in ('Ana', *REFUSED)]
        self.give_consent(self.env['res.partner'].union(*others), 'marketing')

    def fateful(self, **values):
        """:return: a campaign to all of them, in which everybody has met their fate."""
        self.agree()
        phones = {self.crowd[name].phone_sanitized for name in HELD_OUT}
        with patch.object(FluxforceCampaign, '_is_held_out', lambda _self, _model, _id, phone: phone in phones):
            campaign = self.started(self.everybody(), template=self.text_template,
                                    goal_domain="[('ref', '=', 'VIP')]", **values)
            self.go_on()
        self.meet_fates(campaign)
        return campaign

    def meet_fates(self, campaign):
        """Ana gets it, Ben reads it, Chloe replies, Dora follows the link and hides her ticks, Egon buys, Fay says
        stop, Gil had blocked us, Hana blocks us, Ivo is not reachable, Jon is refused, Kim's phone is off, Lea gets it
        when it is sent once more."""
        for name in ('Ana', 'Ben', 'Chloe', 'Egon', 'Fay', 'Hana'):
            self.becomes(campaign, self.crowd[name], 'delivered')
        for name in ('Ben', 'Chloe', 'Egon', 'Fay'):
            self.becomes(campaign, self.crowd[name], 'read')
        self.replies(self.crowd['Chloe'])
        self.follow_link(campaign, self.crowd['Dora'])
        self.buy(campaign, self.crowd['Egon'], 90)
        self.replies(self.crowd['Fay'], 'stop')
        self.becomes(campaign, self.crowd['Gil'], 'failed', error=OPTED_OUT)
        self.withdraw_consent(self.crowd['Hana'], 'marketing', source='meta')
        self.becomes(campaign, self.crowd['Ivo'], 'failed', error=UNDELIVERABLE)
        self.send_once_more(campaign, self.crowd['Lea'])
        self.go_on()

    def becomes(self, campaign, partner, status, **options):
        super().becomes(campaign, partner, status, recipient=partner.phone_sanitized.lstrip('+'), **options)

    def follow_link(self, campaign, partner):
        message = self.message_to(campaign, partner)
        self.env['fluxforce.whatsapp.click'].create({
            'message_id': message.id, 'link_id': self.env['link.tracker'].search_or_create([
                {'url': 'https://shop.example.com/spring', 'title': 'Shop'}]).id})
        self.count_clicks()

    def buy(self, campaign, partner, amount):
        message = self.message_to(campaign, partner)
        self.env['fluxforce.conversion'].create({
            'company_id': message.company_id.id, 'campaign_id': message.campaign_id.id,
            'mailing_id': message.mailing_id.id, 'message_id': message.id, 'partner_id': partner.id,
            'res_model': 'res.partner', 'res_id': partner.id, 'how': 'message', 'amount': amount,
            'converted_at': self.env.cr.now()})

    def send_once_more(self, campaign, partner):
        self.becomes(campaign, partner, 'failed', error=UNKNOWN_TROUBLE)
        self.message_to(campaign, partner).with_user(self.marketer).action_send_again()
        self.let_pass(self.message_to(campaign, partner), minutes=5)  # the person was just written to
        self.run_sender()
        self.becomes(campaign, partner, 'delivered')

    def look_for_the_goal(self):
        """Let the scheduled action look at what records say."""
        with self.no_commit():
            self.env['fluxforce.campaign']._cron_tidy()

    def figures(self, user=None):
        return self.env['fluxforce.marketing.figures'].with_user(user or self.marketer)

    def funnel(self, *campaigns, user=None, **options):
        return self.figures(user)._funnel([campaign.id for campaign in campaigns], **options)

    def by(self, name, *campaigns, figure='people', **options):
        """:return: one figure by the name of the row."""
        return {row['name']: row[figure] for row in self.funnel(*campaigns, by=name, **options)}
