from odoo import api, models
from odoo.fields import Domain

from .fluxforce_reply_rule import LEAD, STAGE, TEAM


class FluxforceReplyLead(models.AbstractModel):
    """The leads replies become, where Odoo's CRM is installed."""

    _name = 'fluxforce.reply.lead'
    _description = 'WhatsApp Reply as a Lead'

    @api.model
    def _is_installed(self):
        return LEAD in self.env

    @api.model
    def _leads(self, rule, replies):
        """Find the open lead of each person and move it, or make one.

        :param list replies: :class:`Reply` objects of one rule
        :return: leads in the order of ``replies``
        """
        found = self._open_leads(rule, replies)
        known = [self._open_lead_of(reply, found) for reply in replies]
        self._move(rule, found.concat(*known))
        missing = [reply for reply, lead in zip(replies, known, strict=True) if not lead]
        made = iter(self._model(rule).create([self._prepare_lead(rule, reply) for reply in missing]))
        return [lead or next(made) for lead in known]

    def _model(self, rule):
        # Nobody is told to follow what a rule has made but its owner.
        return self.env[LEAD].with_company(rule.company_id).with_context(mail_create_nosubscribe=True)

    # ------------------------------------------------------------
    # FIND
    # ------------------------------------------------------------

    def _open_leads(self, rule, replies):
        partners = [reply.partner.id for reply in replies if reply.partner]
        phones = [reply.phone for reply in replies if reply.phone]
        answered = [reply.last.res_id for reply in replies if reply.last.res_model == LEAD]
        return self._model(rule).search(
            Domain('company_id', 'in', [False, rule.company_id.id]) & Domain('stage_id.is_won', '=', False)
            & (Domain('id', 'in', answered) | Domain('partner_id', 'in', partners)
               | Domain('partner_id', '=', False) & Domain('phone_sanitized', 'in', phones)), order='id desc')

    def _open_lead_of(self, reply, leads):
        """:return: the lead the conversation is about, else the person's latest, maybe none"""
        about = leads.filtered(lambda lead: reply.last.res_model == LEAD and lead.id == reply.last.res_id)
        theirs = leads.filtered(lambda lead: lead.partner_id == reply.partner if lead.partner_id
                                else reply.phone and lead.phone_sanitized == reply.phone)
        return about or theirs[:1]

    # ------------------------------------------------------------
    # MOVE AND MAKE
    # ------------------------------------------------------------

    def _stage(self, rule):
        return self.env[STAGE].browse(rule.stage_id).exists()

    def _move(self, rule, leads):
        """Move leads on, never back."""
        stage = self._stage(rule)
        if stage:
            order = {one.id: index for index, one in enumerate(self.env[STAGE].search([]))}
            behind = leads.filtered(lambda lead: order.get(lead.stage_id.id, -1) < order[stage.id])
            behind.write({'stage_id': stage.id, 'type': 'opportunity'})

    def _prepare_lead(self, rule, reply):
        replying, owner = self.env['fluxforce.reply'], self._owner_of_new(rule, reply)
        origin = reply.answered.campaign_id.name or reply.answered.template_id.name or replying.env._('WhatsApp')
        return {
            'type': 'opportunity',
            'name': self.env._('%(person)s replied to %(origin)s', person=reply.person_name, origin=origin),
            'company_id': rule.company_id.id,
            'user_id': owner.id,
            **({'partner_id': reply.partner.id} if reply.partner
               else {'contact_name': reply.person_name, 'phone': reply.phone}),
            **self._prepare_place(rule),
            **self._prepare_utm(reply),
        }

    def _owner_of_new(self, rule, reply):
        return self.env['fluxforce.reply']._owner(rule, reply, self.env[LEAD])

    def _prepare_place(self, rule):
        team = self.env[TEAM].browse(rule.team_id).exists()
        stage = self._stage(rule)
        return {**({'team_id': team.id} if team else {}), **({'stage_id': stage.id} if stage else {})}

    def _prepare_utm(self, reply):
        links = self.env['fluxforce.whatsapp.link']
        utm = links._utm_of(*links._origin_of_message(reply.answered))
        return {name: utm[name] for name in ('campaign_id', 'source_id', 'medium_id') if utm.get(name)}
