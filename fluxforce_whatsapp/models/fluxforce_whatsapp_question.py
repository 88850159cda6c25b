from odoo import fields, models
from odoo.exceptions import UserError

from ..policy.consent import WITHDRAWN
from ..policy.keywords import Wish
from .fluxforce_whatsapp_listener import Heard

ACTIVITY_TYPE = 'mail.mail_activity_data_todo'


class FluxforceWhatsappInbound(models.Model):
    """A message that sounds like a stop is for a person to decide; what was heard in it stays with the person."""

    _inherit = 'fluxforce.whatsapp.inbound'

    heard = fields.Selection(
        [('stop', 'Stop'), ('start', 'Start')], 'Heard as', readonly=True, index='btree_not_null',
        help='It counts for the contact this person is, also if that turns out later.')
    stop_question = fields.Selection(
        [('open', 'To decide'), ('stop', 'Stop recorded'), ('no', 'Not a stop')], 'Sounds Like a Stop', readonly=True,
        index='btree_not_null')
    stop_decided_by_id = fields.Many2one('res.users', 'Decided by', readonly=True, ondelete='set null')
    stop_activity_id = fields.Many2one('mail.activity', readonly=True, index='btree_not_null', ondelete='set null')

    # ------------------------------------------------------------
    # ASK
    # ------------------------------------------------------------

    def _ask_whether_stop(self):
        """Ask who looks after each contact, once as long as it is not decided; who has stopped already is not asked
        about."""
        asked = self - self._of_stopped()
        waiting = self.search([('partner_id', 'in', asked.partner_id.ids), ('stop_question', '=', 'open')]).partner_id
        asked.stop_question = 'open'
        for partner, messages in asked.filtered('partner_id').grouped('partner_id').items():
            if partner not in waiting:
                messages[-1:]._schedule_question()

    def _of_stopped(self):
        """:return: those of people who have stopped already all that a stop ends."""
        persons = {message: (message.partner_id.id, message.identity_id.wa_id and f'+{message.identity_id.wa_id}',
                             message.number_id.id)
                   for message in self}
        states = {company: self.env['fluxforce.whatsapp.consent']._current_states(
            company, [persons[message] for message in messages])
            for company, messages in self.grouped('company_id').items()}
        return self.filtered(lambda message: all(
            states[message.company_id][persons[message]].get(purpose) == WITHDRAWN
            for purpose in message.account_id._purposes_of_stop()))

    def _schedule_question(self):
        owner = self.partner_id.user_id
        user = owner if owner.active and owner._is_internal() else self.account_id._responsible()
        speaker = self.with_context(lang=user.lang or self.account_id._readers_language())
        self.stop_activity_id = self.partner_id.activity_schedule(
            ACTIVITY_TYPE, user_id=user.id or self.env.uid, summary=speaker.env._('This sounds like a stop'),
            note=speaker.env._('"%(words)s" – decide on the contact whether it is one: press Record the Stop or Not a '
                               'Stop above the name.', words=speaker._excerpt(self.original)))

    # ------------------------------------------------------------
    # DECIDE
    # ------------------------------------------------------------

    def action_record_stop(self):
        """It is a stop: the person's own words go into the ledger, with all that follows."""
        for account, messages in self._take_questions('stop').grouped('account_id').items():
            people = self.env['fluxforce.whatsapp.identity'].sudo()._of_people(account, [  # sudo: identity - as below
                (message.identity_id.wa_id or '', message.identity_id.bsuid or '') for message in messages])
            heard = [Heard(message, Wish.STOP, (
                message.partner_id._whatsapp_of(account.company_id) or person.partner, person.phone), (), 'message')
                     for message, person in zip(messages, people, strict=True)]
            messages.heard = 'stop'
            # sudo: listener - what follows from a stop does so whoever decides
            self.env['fluxforce.whatsapp.listener'].sudo()._heed_stops(account, heard)

    def action_not_a_stop(self):
        """It is none: nothing changes but that nobody is asked any more."""
        self._take_questions('no')

    def _words_said(self):
        """:return: the person's words; that they are deleted by now must not keep a stop out of the ledger."""
        return self.original or self.env['fluxforce.whatsapp.wiping']._words()

    def _source_heard(self):
        """:return: how a stop or start was said, as the ledger names it."""
        if self.stop_question == 'stop':
            return 'message'
        return 'keyword' if self.type == 'text' else 'button'

    def _take_questions(self, decision):
        """Close the questions.

        :return: the messages, as sudo.
        """
        self._check_readable()
        self.env['fluxforce.whatsapp.consent'].check_access('create')
        # sudo: inbound - people write to it through its buttons only
        questions = self.sudo().filtered(lambda message: message.stop_question == 'open')
        if not questions:
            raise UserError(self.env._('This was decided already.'))
        activities = questions.stop_activity_id
        questions.write({'stop_question': decision, 'stop_decided_by_id': self.env.uid})
        labels = dict(self._fields['stop_question']._description_selection(self.env))
        activities.exists().action_feedback(feedback=labels[decision])
        return questions
