import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.fluxforce_whatsapp.models.conflicts import CONFLICTS, again_on_conflict
from odoo.addons.fluxforce_whatsapp.models.fluxforce_whatsapp_message import BATCH

_logger = logging.getLogger(__name__)

# A record carries the moment its transaction began: what was still under way at the last look is found again within
# this time. (Our own choice: longer than any request or scheduled action may last.)
LATE = timedelta(hours=1)


class FluxforceConversionSource(models.Model):
    """One kind of record that messages may bring, and how far it was looked through."""

    _name = 'fluxforce.conversion.source'
    _description = 'WhatsApp Conversion Source'
    _order = 'model'
    _rec_name = 'model'

    model = fields.Char('Model Name', required=True, readonly=True)
    name = fields.Char('Counts', compute='_compute_name')
    active = fields.Boolean(default=True, help='Archived: such records are not counted as brought by messages.')
    until = fields.Datetime('Looked Through until', required=True, readonly=True, default=fields.Datetime.now)

    _model_unique = models.Constraint('unique(model)', 'These records are counted already.')

    @api.depends('model')
    @api.depends_context('lang')
    def _compute_name(self):
        for source in self:
            # sudo: ir.model - only its name
            source.name = self.env['ir.model'].sudo()._get(source.model).name or source.model

    @api.model
    def _cron_count(self):
        """Look through what has changed, kind by kind, a batch at a time while the scheduler has time."""
        try:
            for source in again_on_conflict(self.env, self._sources):
                if not self._work_off(source):
                    return
        except CONFLICTS:
            self.env.cr.rollback()
            _logger.warning('Conversions met other transactions again and again, they are counted later')

    @api.model
    def _sources(self):
        """:return: the kinds that count, those of newly installed apps included"""
        names = self._models()
        known = self.with_context(active_test=False).search([('model', 'in', names)]).mapped('model')
        self.create([{'model': name} for name in names if name not in known])
        return self.search([('model', 'in', names)])

    @api.model
    def _models(self):
        """:return: names of the models whose records are about people and tell where they came from"""
        mixin = self.env.registry['utm.mixin']
        return [name for name, model_class in self.env.registry.items()
                if issubclass(model_class, mixin) and self.env[name]._whatsapp_is_addressable()
                and self.env[name]._whatsapp_counting()]

    def _work_off(self, source):
        """:return: whether there is time left."""
        began, position = fields.Datetime.now(), (source.until - LATE, 0)
        while rows := self._changed(source, position):
            again_on_conflict(self.env, lambda rows=rows: self._count(source, rows))
            position = rows[-1][1], rows[-1][0]
            if self.env['ir.cron']._commit_progress(len(rows), remaining=1) <= 0:
                return False
        source.until = max(source.until, began)
        return self.env['ir.cron']._commit_progress(remaining=0) > 0

    def _changed(self, source, position):
        """:param tuple position: moment and id of the last one that was looked at
        :return: list of (id, moment of the last change), in the order of their changes"""
        model = self.env[source.model]
        model.flush_model()
        self.env.cr.execute(SQL(
            'SELECT id, write_date FROM %s WHERE (write_date, id) > (%s, %s) ORDER BY write_date, id LIMIT %s',
            SQL.identifier(model._table), *position, BATCH))
        return self.env.cr.fetchall()

    def _count(self, source, rows):
        records = self.env[source.model].with_context(active_test=False).browse([row[0] for row in rows])
        self.env['fluxforce.conversion']._weigh(records)
        source.until = max(source.until, rows[-1][1].replace(microsecond=0))
