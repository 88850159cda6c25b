from odoo import api, models

from ..flow import tree


class FluxforceCampaignActivity(models.Model):
    """A step in one sentence, as a person would say it."""

    _inherit = 'fluxforce.campaign.activity'

    @api.depends('type', 'trigger', 'delay', 'delay_unit', 'hours', 'parent_id.name', 'template_id', 'mail_template_id',
                 'server_action_id', 'activity_summary', 'date_field', 'share', 'trigger_words', 'trigger_button',
                 'trigger_reason', 'campaign_id.model_id', 'sms_body')
    @api.depends_context('lang')
    def _compute_summary(self):
        for activity in self:
            activity.summary = self.env._('%(when)s: %(what)s.', when=activity._say_when(), what=activity._say_what())

    def _say_when(self):
        event, delay = self._say_event(), self._say_delay()
        if not self.delay:
            sentence = event
        elif self.trigger == tree.DATE and self.delay < 0:
            sentence = self.env._('%(delay)s before %(event)s', delay=delay, event=event)
        elif self.trigger in tree.DENIES:
            sentence = self.env._('%(event)s within %(delay)s', event=event, delay=delay)
        else:
            sentence = self.env._('%(delay)s later than: %(event)s', delay=delay, event=event)
        return f'{sentence}{self._say_hours()}'

    def _say_hours(self):
        if self.hours == 'working':
            return self.env._(', in the working hours')
        return self.env._(', not in the quiet hours') if self.hours == 'waking' else ''

    def _say_delay(self):
        """:return: how long, without a sign."""
        count = abs(self.delay)
        units = {
            'minutes': (self.env._('1 minute'), self.env._('%(count)s minutes', count=count)),
            'hours': (self.env._('1 hour'), self.env._('%(count)s hours', count=count)),
            'days': (self.env._('1 day'), self.env._('%(count)s days', count=count)),
            'weeks': (self.env._('1 week'), self.env._('%(count)s weeks', count=count)),
            'months': (self.env._('1 month'), self.env._('%(count)s months', count=count)),
        }
        one, many = units[self.delay_unit]
        return one if count == 1 else many

    def _say_event(self):
        step = self.parent_id.name or ''
        events = {
            tree.BEGIN: lambda: self.env._('At the beginning'),
            tree.DONE: lambda: self.env._('After "%(step)s"', step=step),
            tree.DATE: lambda: self.env._('the date %(field)s', field=self._date_label()),
            tree.DELIVERED: lambda: self.env._('"%(step)s" is delivered', step=step),
            tree.NOT_DELIVERED: lambda: self.env._('"%(step)s" is not delivered', step=step),
            tree.READ: lambda: self.env._('"%(step)s" is read', step=step),
            tree.NOT_READ: lambda: self.env._('"%(step)s" is not read', step=step),
            tree.REPLIED: lambda: self._say_replied(step),
            tree.NOT_REPLIED: lambda: self.env._('"%(step)s" is not replied to', step=step),
            tree.BUTTON: lambda: self._say_tapped(step),
            tree.CLICKED: lambda: self.env._('a link of "%(step)s" is followed', step=step),
            tree.NOT_CLICKED: lambda: self.env._('no link of "%(step)s" is followed', step=step),
            tree.FAILED: lambda: self._say_failed(step),
            tree.OPTED_OUT: lambda: self.env._('"%(step)s" makes somebody want no more', step=step),
            tree.YES: lambda: self.env._('If "%(step)s" holds', step=step),
            tree.NO: lambda: self.env._('If "%(step)s" does not hold', step=step),
            tree.VARIANT: lambda: self.env._('For %(share)s %% of the people', share=f'{self.share:g}'),
        }
        return events[self.trigger]() if self.trigger else ''

    def _say_replied(self, step):
        if self.trigger_words:
            return self.env._('"%(step)s" is replied to with one of: %(words)s', step=step, words=self.trigger_words)
        return self.env._('"%(step)s" is replied to', step=step)

    def _say_tapped(self, step):
        if self.trigger_button:
            return self.env._('"%(button)s" is tapped in "%(step)s"', button=self.trigger_button, step=step)
        return self.env._('a button of "%(step)s" is tapped', step=step)

    def _say_failed(self, step):
        if self.trigger_reason:
            return self.env._('"%(step)s" fails with %(reason)s', step=step, reason=self.trigger_reason)
        return self.env._('"%(step)s" fails', step=step)

    def _date_label(self):
        field = self.env[self.model]._fields.get(self.date_field) if self.model in self.env else None
        return field._description_string(self.env) if field else self.date_field or ''

    def _say_what(self):
        what = {
            'whatsapp': lambda: self.env._('send "%(name)s" by WhatsApp',
                                           name=self.template_id.name or self.draft_id.name or '…'),
            'email': lambda: self.env._('send "%(name)s" by e-mail', name=self.mail_template_id.name or '…'),
            'sms': lambda: self.env._('send "%(name)s" by SMS', name=self._sms_excerpt() or '…'),
            'action': lambda: self.env._('run "%(name)s"', name=self.server_action_id.name or '…'),
            'todo': lambda: self.env._('plan the to-do "%(name)s"',
                                       name=self.activity_summary or self.activity_type_id.name or '…'),
            'wait': lambda: self.env._('wait'),
            'condition': lambda: self.env._('look whether it holds: %(name)s', name=self.name or '…'),
            'split': lambda: self.env._('split the people'),
        }
        return what.get(self.type, lambda: self.name or '')()
