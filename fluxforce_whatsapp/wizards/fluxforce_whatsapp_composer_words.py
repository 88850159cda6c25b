from collections import Counter

from markupsafe import Markup

from odoo import models

from ..policy.gate import Action


class FluxforceWhatsappComposer(models.TransientModel):
    """What was found out about the people, in words."""

    _inherit = 'fluxforce.whatsapp.composer'

    def _render_verdict(self, survey):
        """:return: what would happen on Send, Markup; who waits or is refused stands in the groups."""
        if survey.summary.total == 1 and not survey.left_out and not survey.unreadable:
            return self._render_single_verdict(survey.first)
        actions = Counter()
        for group in survey.summary.groups.values():
            actions[group.action] += group.count
        sendable, total = actions[Action.ALLOW], survey.summary.total
        lines = [self.env._('%(sendable)s of %(total)s can be sent.', sendable=sendable, total=total)]
        if actions[Action.HOLD]:
            lines[0] = f'{lines[0]} {self.env._("Waiting: %(count)s.", count=actions[Action.HOLD])}'
        lines += [*filter(None, [self._outlook_words(survey.summary)]), *self._left_out_words(survey)]
        return self._alert('success' if total and sendable == total else 'warning', Markup('<br/>').join(lines))

    def _left_out_words(self, survey):
        if survey.left_out:
            yield self.env._(
                '%(count)s left out: their number is that of another record chosen.', count=survey.left_out)
        if survey.unreadable:
            yield self.env._('%(count)s left out: they are gone, or you may not read them.', count=survey.unreadable)

    def _outlook_words(self, summary):
        """:return: one sentence: "212 now, 40 held until today 09:00, 18 not sent: no consent"."""
        parts = [self._group_outlook(group) for group in summary.ordered()]
        return f'{", ".join(parts)}.' if parts else ''

    def _group_outlook(self, group):
        forecast = self.env['fluxforce.whatsapp.forecast']
        if group.action is Action.ALLOW:
            planned = self._planned_at()
            when = forecast._moment_words(planned) if planned else self.env._('now')
            return self.env._('%(count)s %(when)s', count=group.count, when=when)
        reason = self._reason_label(group.reason)
        if group.action is Action.REFUSE:
            return self.env._('%(count)s not sent: %(reason)s', count=group.count, reason=reason)
        if group.since:
            return self.env._('%(count)s held until %(when)s', count=group.count,
                              when=forecast._moment_words(group.since))
        return self.env._('%(count)s wait: %(reason)s', count=group.count, reason=reason)

    def _reason_label(self, reason):
        """:return: a reason of the gate as the outbox lists it, in the middle of a sentence."""
        labels = self.env['fluxforce.whatsapp.message']._fields['reason']._description_selection(self.env)
        label = dict(labels).get(reason, reason)
        return label[:1].lower() + label[1:]

    def _languages_in_words(self, survey):
        """:return: who gets which language, and which language the template lacks; '' if there is nothing to tell."""
        parts = []
        if len(survey.languages) > 1:
            templates = self.env['fluxforce.whatsapp.template'].browse(survey.languages)
            parts.append(', '.join(self.env._(
                '%(count)s in %(language)s', count=survey.languages[one.id], language=one._language_words(one.language))
                for one in templates) + '.')
        return ' '.join([*parts, *self._other_language_words(survey.lacking)])

    def _other_language_words(self, lacking):
        """:return: sentences about who gets a language that is not theirs, and why."""
        language = self.template_id._language_words(self.template_id.language)
        if lacking and not self.in_own_language:
            yield self.env._('All get it in %(language)s; %(count)s read another language.', language=language,
                             count=sum(lacking.values()))
            return
        barred = self.template_id._barred_languages(lacking)
        if missing := lacking.keys() - barred:
            yield self.env._('The template lacks %(languages)s: %(count)s get it in %(language)s.', language=language,
                             **self._name_and_count(lacking, missing))
        if barred:
            yield self.env._('You may not send it in %(languages)s: %(count)s get it in %(language)s.',
                             language=language, **self._name_and_count(lacking, barred))

    def _name_and_count(self, lacking, codes):
        names = [self.template_id._language_words(code) for code in lacking if code in codes]
        return {'languages': ', '.join(names), 'count': sum(lacking[code] for code in codes)}

    def _render_single_verdict(self, verdict):
        if verdict.action is Action.ALLOW:
            planned = self._planned_at()
            return self._alert('success', self.env._(
                'This person may be written to. The message goes out %(when)s.',
                when=self.env['fluxforce.whatsapp.forecast']._moment_words(planned)) if planned else self.env._(
                'This person may be written to. The message goes out at once.'))
        kind = 'warning' if verdict.action is Action.HOLD else 'danger'
        return self._alert(kind, self._with_moment(self._explain(verdict.reason, verdict.detail), verdict.until))

    def _with_moment(self, text, moment):
        """:return: the text and when the message goes, if that is known."""
        if not moment:
            return text
        when = self.env['fluxforce.whatsapp.forecast']._moment_words(moment)
        return self.env._('%(text)s Goes out %(when)s.', text=text, when=when)

    def _explain(self, reason, detail=''):
        return self.env['fluxforce.whatsapp.gate']._explain(reason, detail)

    def _alert(self, kind, body):
        return Markup('<div class="alert alert-%s mb-0" role="status">%s</div>') % (kind, body)
