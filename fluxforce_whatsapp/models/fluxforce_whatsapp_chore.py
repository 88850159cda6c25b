import logging

from odoo import api, models

from .conflicts import CONFLICTS, again_on_conflict

_logger = logging.getLogger(__name__)


class FluxforceWhatsappChore(models.AbstractModel):
    """What one scheduled action does at Meta piece by piece: claim what is due and commit the claim, call with no
    transaction open, record what came of it.

    A model that inherits it has ``_take_up_abandoned()`` (claims of workers that died), ``_claim()`` (the next job, or
    nothing), ``_run(job)`` (the call, which touches no database), ``_record(job, outcome)`` (returns the seconds left)
    and ``_due_domain()``; its steps end with :meth:`_commit`.
    """

    _name = 'fluxforce.whatsapp.chore'
    _description = 'WhatsApp Chore'

    @api.model
    def _work_off(self):
        """Do what is due while the scheduler has time."""
        try:
            again_on_conflict(self.env, self._take_up_abandoned)
            while job := again_on_conflict(self.env, self._claim):
                outcome = self._run(job)
                if again_on_conflict(self.env, lambda job=job, outcome=outcome: self._record(job, outcome)) <= 0:
                    break
        except CONFLICTS:
            # What is claimed is taken up again, everything else is due anyway.
            self.env.cr.rollback()
            _logger.warning('%s met other transactions again and again, trying again later', self._name)

    def _commit(self, done):
        """:return: the seconds left."""
        self.env.flush_all()
        return self.env['ir.cron']._commit_progress(done, remaining=self.search_count(self._due_domain()))
