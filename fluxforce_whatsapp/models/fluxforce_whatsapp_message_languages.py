from odoo import api, models


class FluxforceWhatsappMessage(models.Model):
    """Drafts of one template for many people, each in the person's own language."""

    _inherit = 'fluxforce.whatsapp.message'

    @api.model
    def _prepare_drafts_by_language(self, records, template, number, free_values=None, siblings=None):
        """As :meth:`_prepare_drafts`, but each with the language of the template that fits the person.

        :param siblings: languages to choose from, see ``template._siblings``; None for "everybody the same"
        :return: list of drafts in the order of ``records``, and a dict of the languages nobody could be served in: how
            many people read each
        """
        languages = records._whatsapp_languages()
        choices = template._choices(languages.values(), siblings)
        by_template, lacking = {}, {}
        for record in records:
            chosen, is_theirs = choices[languages[record.id]]
            by_template.setdefault(chosen, []).append(record.id)
            if not is_theirs:
                lacking[languages[record.id]] = lacking.get(languages[record.id], 0) + 1
        drafts = {draft['res_id']: draft for chosen, ids in by_template.items()
                  for draft in self._prepare_drafts(records.browse(ids), chosen, number, free_values)}
        return [drafts[record.id] for record in records], lacking
