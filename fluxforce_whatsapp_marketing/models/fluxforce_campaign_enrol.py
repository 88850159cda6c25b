import logging

from odoo import models
from odoo.exceptions import UserError
from odoo.fields import Domain

from odoo.addons.fluxforce_whatsapp.models.conflicts import CONFLICTS

from .undo import undone_with_hooks

_logger = logging.getLogger(__name__)

# Who could not come in is told by name, so many of them. (Our own choice.)
TOLD = 5


class FluxforceCampaign(models.Model):
    """Records that are let into a campaign from outside: by a server action, an automation rule, or code."""

    _inherit = 'fluxforce.campaign'

    def action_enrol(self, records):
        """Let records come into a running campaign: for server actions and automation rules. Who does not fit the
        audience, or takes part already, does not come in.

        Somebody is saving the record meanwhile: what is wrong with the campaign never keeps them from that, it pauses
        the campaign and is told there.

        :param records: a recordset of the campaign's model.
        :return: how many came in.
        """
        if not isinstance(records, models.BaseModel):
            raise UserError(self.env._('A campaign takes in records, as in: campaign.action_enrol(records)'))
        # sudo: campaign - set up by who made the action, for whoever triggers it
        return sum(campaign._enrol_guarded(records) for campaign in self.sudo()
                   if campaign.state in ('running', 'paused'))

    def _enrol_guarded(self, records):
        """:raise UserError: for records of another kind, which is the mistake of whoever calls
        :raise: a conflict with another transaction, which Odoo repeats"""
        if records._name != self.model:
            raise UserError(self.env._('The campaign "%(campaign)s" is for other records: %(model)s.',
                                       campaign=self.name, model=self.model_id.name))
        try:
            with undone_with_hooks(self.env.cr):
                return self._enrol_now(records)
        except CONFLICTS:
            raise
        except Exception as error:
            _logger.warning('Nobody could come into campaign %s', self.id, exc_info=True)
            self._pause_broken(records, error)
        return 0

    def _enrol_now(self, records):
        self._check_domain()
        entry = self.env['fluxforce.campaign.entry'].sudo()
        entry._lock(self, wait=True)
        fitting = self._documents().search(self._audience_domain() & Domain('id', 'in', records.ids), order='id')
        count = entry._take_in(self, fitting, 'action')
        if count:
            self._wake()
        return count

    def _pause_broken(self, records, error):
        """Let the campaign wait until it is mended, and tell who could not come in."""
        # sudo: any record - its name, for those who mend the campaign and let it in again
        names = records[:TOLD].sudo().mapped('display_name')
        more = len(records) - len(names)
        if more > 0:
            names.append(self.env._('%(count)s more', count=more))
        self.write({'state': 'paused', 'problem': self.env._(
            'Could not come in: %(people)s. %(problem)s When it is mended, resume the campaign and let them come in '
            'again.', people=', '.join(names), problem=self.env['fluxforce.campaign.runner']._describe(error))})
