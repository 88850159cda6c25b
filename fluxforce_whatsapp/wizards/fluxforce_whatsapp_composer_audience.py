import ast

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import formatLang

MAX_ID = 2 ** 31 - 1  # of PostgreSQL's integer
# What a list of the web client hands over at most; more than that is taken from its domain.
PARAMETER_IDS_LIMIT = 'web.active_ids_limit'
HANDED_OVER_MOST = 20_000
# Ids that a form carries along at most. (Our own choice.)
SHORT_LIST = 200
# From more people on a send is queued in the background, and its summary is made on demand. (Our own choice.)
PARAMETER_BACKGROUND = 'fluxforce_whatsapp.background_above'
BACKGROUND_ABOVE = 200


class FluxforceWhatsappComposer(models.TransientModel):
    """Whom the message is for. Many ids stay on the server: the browser is told their number."""

    _inherit = 'fluxforce.whatsapp.composer'

    res_model = fields.Char('Document Model', required=True)
    res_ids = fields.Text('Documents', help='A short list; see kept_ids.')
    kept_ids = fields.Json(help='A list of any length that was handed over once; it is in no view.')
    record_count = fields.Integer(compute='_compute_record_count')
    recipient = fields.Char('To', compute='_compute_recipient')
    is_large = fields.Boolean(compute='_compute_is_large')

    # ------------------------------------------------------------
    # OPEN
    # ------------------------------------------------------------

    @api.model
    def default_get(self, fields):
        result = super().default_get(fields)
        context = self.env.context
        if 'res_model' in fields and not result.get('res_model'):
            result['res_model'] = context.get('active_model') or 'res.partner'
        active_ids = context.get('active_ids') or ([context['active_id']] if context.get('active_id') else [])
        if len(active_ids) > SHORT_LIST:
            # An action of its own that opens the composer for a long selection: the form does without it.
            result.update({'kept_ids': active_ids} if 'kept_ids' in fields else {})
        elif 'res_ids' in fields and not result.get('res_ids'):
            result['res_ids'] = repr(active_ids)
        return result

    @api.model
    def _open_for_selection(self, **values):
        """Open the composer for what is selected in a list: for a server action in its menu.

        :param values: further fields, e.g. ``template_id``
        :return: an action that opens it without handing the ids back to the browser.
        """
        context = self.env.context
        model, ids = context.get('active_model') or 'res.partner', context.get('active_ids') or []
        if context.get('active_domain') and len(ids) >= self._handed_over_most():
            ids = self.env[model].search(Domain(context['active_domain'])).ids
        return self._open_for(model, ids, **values)

    @api.model
    def _open_for(self, model, ids, **values):
        """Open the composer for records.

        :param values: further fields, e.g. ``template_id``
        """
        composer = self.create({'res_model': model, 'res_ids': False, 'kept_ids': list(ids), **values})
        return composer._show()

    def _show(self):
        """:return: action that opens this composer in a dialog."""
        return {'type': 'ir.actions.client', 'tag': 'fluxforce_whatsapp_compose', 'params': {'composer_id': self.id}}

    def _handed_over_most(self):
        # sudo: ir.config_parameter - a limit, no secret
        value = self.env['ir.config_parameter'].sudo().get_param(PARAMETER_IDS_LIMIT)
        return int(value) if str(value).isdigit() else HANDED_OVER_MOST

    # ------------------------------------------------------------
    # RECORDS
    # ------------------------------------------------------------

    def _read_ids(self):
        """:return: the ids of the documents, each once."""
        ids = self._parse_ids() if self.kept_ids in (None, False) else self.kept_ids
        if not ids and not self._origin.id and self.env.context.get('active_model') == self.res_model:
            ids = self.env.context.get('active_ids') or ids  # a long selection, see default_get
        if not isinstance(ids, (list, tuple)) or not all(type(id_) is int and 0 < id_ <= MAX_ID for id_ in ids):
            raise UserError(self.env._('The list of documents cannot be read. Close this window and choose again.'))
        return list(dict.fromkeys(ids))

    def _parse_ids(self):
        try:
            return ast.literal_eval(self.res_ids or '[]')
        except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
            return None

    def _model(self):
        return self.env[self.res_model if self.res_model in self.env else 'res.partner']

    def _records(self):
        """:return: the documents that exist and that the sender may read, in the order in which they were chosen.

        :raise AccessError: if it is a single one that may not be read.
        """
        self.ensure_one()
        ids = self._read_ids()
        model = self._model()
        if len(ids) <= 1:
            records = model.browse(ids).exists()
            # Reading is enough: the right to send comes with the group, and the message is logged by the outbox.
            records.check_access('read')
            return records
        found = set(model.with_context(active_test=False).search([('id', 'in', ids)], order='id').ids)
        return model.browse(id_ for id_ in ids if id_ in found)

    def _single(self):
        """:return: the one document it is about; empty if there are more."""
        return self._records() if self.record_count == 1 else self._model()

    @api.depends('res_model', 'res_ids')
    def _compute_record_count(self):
        for composer in self:
            composer.record_count = len(composer._records())

    @api.depends('record_count')
    def _compute_is_large(self):
        # sudo: ir.config_parameter - a number, no secret
        value = self.env['ir.config_parameter'].sudo().get_param(PARAMETER_BACKGROUND)
        most = int(value) if str(value).isdigit() else BACKGROUND_ABOVE
        for composer in self:
            composer.is_large = composer.record_count > most

    @api.depends('res_model', 'res_ids')
    def _compute_recipient(self):
        for composer in self:
            records = composer._records()
            if len(records) == 1:
                recipient = records._whatsapp_recipients()[records.id]
                name = recipient.partner.display_name or records.display_name
                composer.recipient = f'{name} · {recipient.phone or recipient.number or self.env._("no number")}'
            else:
                composer.recipient = self.env._('%(count)s records', count=composer._grouped(len(records)))

    def _grouped(self, number):
        """:return: a whole number as the user's language writes it: "10,000"."""
        return formatLang(self.env, number, digits=0)
