from odoo import api, fields, models

# What is kept of a message that was begun.
KEPT = ('mode', 'template_id', 'number_id', 'in_own_language', 'send_at', 'answer_kind', 'text', 'footer', 'list_label',
        'latitude', 'longitude', 'place', 'address', 'contact_id')
# What comes on top: what was typed by variable, labels of buttons and rows, files.
KEPT_LINES = ('values', 'options', 'attachment_ids')
# Longer texts than WhatsApp takes are kept as well, so that they can be shortened; but not any length.
LONGEST_TEXT = 20_000


class FluxforceWhatsappComposer(models.TransientModel):
    """Offers what the user had begun to write here and not sent."""

    _inherit = 'fluxforce.whatsapp.composer'

    begun = fields.Char(compute='_compute_begun', help='When something was begun here that was not sent, in words.')
    begun_anew = fields.Boolean(help='Technical: what is kept is this message itself, so it is not offered.')

    @api.depends('res_model', 'res_ids')
    def _compute_begun(self):
        for composer in self:
            memory = self.env['fluxforce.whatsapp.composer.memory']._of(composer)
            composer.begun = bool(memory) and self.env['fluxforce.whatsapp.forecast']._moment_words(memory.write_date)

    @api.model
    def remember(self, document, content):
        """Keep what is being written; the browser calls this while the user types.

        :param dict document: ``res_model`` and ``res_ids``, or the ``id`` of the composer
        :param dict content: values by field, ids for records; ``values`` what was typed by variable id, ``options``
            (label, description) of each button or row
        """
        composer = self.browse(document['id']).exists() if document.get('id') else self.new({
            'res_model': document.get('res_model'), 'res_ids': document.get('res_ids')})
        if not composer or composer.sent:
            return False
        kept = {name: value for name, value in content.items() if name in (*KEPT, *KEPT_LINES)}
        if isinstance(kept.get('text'), str):
            kept['text'] = kept['text'][:LONGEST_TEXT]
        if composer.res_model in self.env:
            self.env['fluxforce.whatsapp.composer.memory']._keep(composer, kept)
        return True

    def action_take_up(self):
        """Go on with what was begun."""
        self.ensure_one()
        memory = self.env['fluxforce.whatsapp.composer.memory']._of(self)
        content = memory.content or {}
        self.write({**self._still_there(content), **self._kept_lines(content)})
        typed = content.get('values') or {}
        for line in self.value_ids:
            line.value = typed.get(str(line.variable_id.id), line.value)
        return self._show()

    def _kept_lines(self, content):
        """:return: values for the lines that were begun; what is not kept stays as it is."""
        kept = {}
        if options := content.get('options'):
            kept['option_ids'] = [fields.Command.clear()] + [
                fields.Command.create({'title': title, 'description': description}) for title, description in options]
        if ids := content.get('attachment_ids'):
            files = self.env['ir.attachment'].browse(ids).exists()._filtered_access('read')
            kept['attachment_ids'] = [fields.Command.set(files.ids)]
        return kept

    def _still_there(self, content):
        """:return: the values to write; records that are gone since then are left out."""
        return {name: value for name, value in content.items() if name in KEPT and name in self._fields and (
            not self._fields[name].relational or self.env[self._fields[name].comodel_name].browse(value or 0).exists())}

    def action_throw_away(self):
        """Forget what was begun."""
        self.ensure_one()
        self.env['fluxforce.whatsapp.composer.memory']._forget(self)
        return self._show()
