from odoo import models

from ..cloud_api import const as meta
from ..cloud_api.updates import TemplateUpdate, plain_language
from ..const import known
from ..policy.purpose import purpose_of_category


class FluxforceWhatsappReducer(models.AbstractModel):
    """Templates: what Meta decides about their status, quality, category and text."""

    _inherit = 'fluxforce.whatsapp.reducer'

    def _reduce_field_message_template_status_update(self, account, items):
        self._reduce_templates(account, items, self._apply_template_status)

    def _reduce_field_message_template_quality_update(self, account, items):
        self._reduce_templates(account, items, self._apply_template_quality)

    def _reduce_field_message_template_components_update(self, account, items):
        self._reduce_templates(account, items, self._apply_template_components)

    def _reduce_field_template_category_update(self, account, items):
        self._reduce_templates(account, items, self._apply_template_category)

    def _reduce_field_template_correct_category_detection(self, account, items):
        self._reduce_templates(account, items, self._apply_template_detection)

    def _reduce_templates(self, account, items, apply):
        """:param apply: a method (template, update, moment, item) that returns whether it told something new."""
        told = [(item, moment, TemplateUpdate.from_item(item._to_item())) for item, moment in self._by_moment(items)]
        by_id, by_name = self._find_templates(account, [update for __, __, update in told])
        done = items.browse()
        for item, moment, update in told:
            template = by_id.get(update.template_id) or by_name.get((update.name, update.language))
            if template and apply(template, update, moment, item):
                done |= item
            elif not template and (update.template_id or update.name):
                account._ask_for_sync()
        self._settle(items, done)

    def _find_templates(self, account, updates):
        """Meta's id is surer than the name, but a template made anew keeps its name only.

        :return: the account's templates by id, and by name and language
        """
        templates = self.env['fluxforce.whatsapp.template'].with_context(active_test=False).search([
            ('account_id', '=', account.id), '|', ('template_id', 'in', [update.template_id for update in updates]),
            ('name', 'in', [update.name for update in updates if update.name])], order='active, id')
        return ({template.template_id: template for template in templates},
                {(template.name, plain_language(template.language)): template for template in templates})

    # ------------------------------------------------------------
    # STATUS
    # ------------------------------------------------------------

    def _apply_template_status(self, template, update, moment, item):
        if update.quality:
            # Meta's own sample of a quality update comes under this field.
            return self._apply_template_quality(template, update, moment, item)
        if update.event not in meta.TEMPLATE_STATUSES and update.event not in meta.TEMPLATE_EVENTS_BACK:
            self._tell_unknown(template.account_id, item, update.event)
            return False
        # Within the same second what stops it wins.
        weight = f'{int(update.event not in meta.TEMPLATE_EVENTS_BACK)}{update.event}'
        if template._was_fetched_after(moment) or not template._is_news('status', moment, weight):
            return False
        template._keep_told('status', moment, weight)
        self._write_template_status(template, update)
        return True

    def _write_template_status(self, template, update):
        if update.event == meta.TEMPLATE_EVENT_FLAGGED:
            self._warn_of_template('template_quality', template, self._template_words(template, update))
        elif update.event == meta.TEMPLATE_EVENT_UNARCHIVED:
            self._fetch_template(template)
        else:
            template.write(self._prepare_template_status_values(template, update))
        if update.event in meta.TEMPLATE_EVENTS_STOPPED:
            self._warn_of_template('template_stopped', template, template.status_reason)
            template.account_id.number_ids._evaluate_brake()

    def _prepare_template_status_values(self, template, update):
        is_back = update.event in meta.TEMPLATE_EVENTS_BACK
        values = {
            'status': meta.TEMPLATE_STATUS_SENDABLE if is_back else update.event,
            'status_reason': False if is_back else self._template_words(template, update),
            'rejected_reason': update.event == 'REJECTED' and update.reason or False,
        }
        if update.event == meta.TEMPLATE_EVENT_DELETED:
            values['active'] = False  # as for one that Meta no longer lists
        return values

    def _template_words(self, template, update):
        """:return: what happened to the template and why, with what Meta advises."""
        language = template.account_id._readers_language()
        wording = self.env['fluxforce.whatsapp.wording'].with_context(lang=language)
        return wording._sentence(
            wording._of('template_event', update.event), wording._of('pause', update.title),
            wording._of('rejection', update.reason), update.explanation, update.recommendation)

    def _warn_of_template(self, kind, template, words, **options):
        self.env['fluxforce.whatsapp.alert']._raise_alert(
            kind, template.account_id, template=template, detail=words, **options)

    # ------------------------------------------------------------
    # QUALITY
    # ------------------------------------------------------------

    def _apply_template_quality(self, template, update, moment, item):
        weight = str(int(update.quality in meta.QUALITY_LOW)) + update.quality
        if not update.quality or template._was_fetched_after(moment) or not template._is_news(
                'quality', moment, weight):
            return False
        template._keep_told('quality', moment, weight)
        template.write({'quality': known(update.quality, meta.QUALITY_RATINGS)})
        if update.quality in meta.QUALITY_LOW:
            self._warn_of_low_quality(template)
        elif update.quality == 'GREEN':
            self.env['fluxforce.whatsapp.alert']._close(
                'template_quality', template.account_id, template=template,
                note=self.env._('The quality is high again.'))
        return True

    def _warn_of_low_quality(self, template):
        is_red = template.quality == 'RED'
        labels = dict(template._fields['quality']._description_selection(self.env))
        self._warn_of_template(
            'template_quality', template, self.env._('Its quality now: %(quality)s.', quality=labels[template.quality]),
            severity='warning' if is_red else 'info')
        if is_red:
            template.account_id.number_ids._evaluate_brake()

    # ------------------------------------------------------------
    # CATEGORY
    # ------------------------------------------------------------

    def _apply_template_category(self, template, update, moment, item):
        if not update.category or template._was_fetched_after(moment):
            return False
        if update.correct_category:
            return self._announce_category(template, update, moment)
        if not template._is_news('category', moment, update.category):
            return False
        template._keep_told('category', moment, update.category)
        self._change_category(template, known(update.category, meta.TEMPLATE_CATEGORIES))
        return True

    def _announce_category(self, template, update, moment):
        """Tell of a change that is to come, unless it has come already."""
        if template.category == update.correct_category or not template._is_news('category', moment):
            return False
        wording = self.env['fluxforce.whatsapp.wording']
        when = update.category_at and self.env._(
            'From %(moment)s on.', moment=wording._moment(update.category_at, template.account_id))
        self._warn_of_template('template_category', template, wording._sentence(self.env._(
            'Meta is going to treat the template as %(new)s instead of %(old)s.',
            new=wording._of('category', update.correct_category), old=wording._of('category', template.category)),
            when or ''))
        return True

    def _change_category(self, template, category):
        """The new category counts at once: the gate asks for the consent it needs when what waits is claimed."""
        former = template.category
        template.write({'category': category})
        if purpose_of_category(category) != purpose_of_category(former):
            wording = self.env['fluxforce.whatsapp.wording']
            self._warn_of_template('template_category', template, self.env._(
                'Meta treats the template as %(new)s now; it was %(old)s before.',
                new=wording._of('category', category), old=wording._of('category', former)))

    def _apply_template_detection(self, template, update, moment, item):
        if not update.correct_category or update.correct_category == template.category:
            return False
        wording = self.env['fluxforce.whatsapp.wording']
        self._warn_of_template('template_category', template, self.env._(
            'Meta takes the template for %(right)s, although it is %(now)s.',
            right=wording._of('category', update.correct_category), now=wording._of('category', template.category)))
        return True

    # ------------------------------------------------------------
    # TEXT
    # ------------------------------------------------------------

    def _apply_template_components(self, template, update, moment, item):
        """The webhook tells less than the template holds, so it is fetched; meanwhile its messages wait."""
        if template._was_fetched_after(moment):
            return False
        self._fetch_template(template)
        return True

    def _fetch_template(self, template):
        template.write({'sync_asked': True})
        template.account_id._ask_for_sync()
