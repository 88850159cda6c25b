import re
from dataclasses import dataclass

from odoo import api, models
from odoo.tools import hmac

from odoo.addons.fluxforce_whatsapp.policy.content import content_key

from ..const import CODE_FOLLOWS, LINK_ROUTE
from ..flow import codes

SCOPE = 'fluxforce_whatsapp_marketing.link.1'
MARK = CODE_FOLLOWS.split('{', 1)[0]
MARKED = re.compile(CODE_FOLLOWS.format(r'(\d+)'))
# Stands in core's list of tracked links for "the page of the record the message is about"; it leads nowhere itself.
RECORD_PAGE = f'{LINK_ROUTE}/record'


@dataclass(frozen=True)
class Followed:
    """What a code stands for.

    :ivar tracker: link.tracker, as sudo
    :ivar message: the person's ``fluxforce.whatsapp.message``, as sudo; empty if it is gone
    :ivar str target: where it leads
    """

    tracker: object
    message: object
    target: str


class FluxforceWhatsappLink(models.AbstractModel):
    """Tracked links: core's link tracker has each target once per template and campaign, the code in a message says
    which of them it is and whose.

    Whatever goes into the outbox passes :meth:`_personalise`. A draft names where it comes from with ``campaign_id``
    (fluxforce.campaign) or ``mailing_id`` (mailing.mailing).
    """

    _name = 'fluxforce.whatsapp.link'
    _description = 'WhatsApp Tracked Link'

    # ------------------------------------------------------------
    # INTO A MESSAGE
    # ------------------------------------------------------------

    @api.model
    def _personalise(self, drafts):
        """Give each of these drafts links of its own.

        :param list drafts: as for the outbox
        :return: the drafts, those with such a link as copies
        """
        marked = {index: draft for index, draft in enumerate(drafts) if MARK in str(draft['values'])}
        variables = self._variables_of(marked.values())
        if not variables:
            return drafts
        trackers = self._trackers(variables, marked.values())
        self._open_pages(variables, marked.values())
        key = self._key()
        return [self._with_codes(draft, key, trackers) if index in marked else draft
                for index, draft in enumerate(drafts)]

    def _variables_of(self, drafts):
        """:return: the variables of the drafts' templates that are links. What somebody typed stays what it is."""
        template_ids = {draft['template_id'] for draft in drafts} - {False}
        # sudo: template.variable - only where the links lead; who sends may send the template
        return self.env['fluxforce.whatsapp.template'].sudo().browse(template_ids).variable_ids.filtered(
            lambda variable: variable.source == 'link')

    def _trackers(self, variables, drafts):
        """:return: id of the link tracker by (origin of the draft, id of the variable)"""
        origins = list(dict.fromkeys(self._origin(draft) for draft in drafts))
        wanted = [(origin, variable) for origin in origins for variable in variables]
        utm = {origin: self._utm_of(*origin) for origin in origins}
        # sudo: link.tracker - made by sending, whoever sends
        found = self.env['link.tracker'].sudo().search_or_create(
            [self._prepare_tracker(variable, utm[origin]) for origin, variable in wanted])
        return {(origin, variable.id): tracker.id for (origin, variable), tracker in zip(wanted, found, strict=True)}

    def _origin(self, draft):
        """:return: (model, id) of what sends a draft; model and id are False for a message by itself"""
        names = {'campaign_id': 'fluxforce.campaign', 'mailing_id': 'mailing.mailing'}
        return next(((model, draft[name]) for name, model in names.items() if draft.get(name)), (False, False))

    @api.model
    def _origin_of_message(self, message):
        """:return: the same for a message that is written"""
        names = [name for name in ('campaign_id', 'mailing_id') if name in message._fields]
        return self._origin({name: message[name].id for name in names})

    @api.model
    def _utm_of(self, model, res_id):
        """:return: what leads and orders are going to be told about where they come from"""
        # sudo: utm.medium, fluxforce.campaign, mailing.mailing - who sends need not see them
        usual = {'medium_id': self.env.ref('fluxforce_whatsapp_marketing.utm_medium_whatsapp').id}
        if model == 'fluxforce.campaign':
            return {**usual, **self.env[model].sudo().browse(res_id)._utm_of_links()}
        if model:
            mailing = self.env[model].sudo().browse(res_id)
            own = {name: mailing[name].id for name in ('campaign_id', 'source_id', 'medium_id') if mailing[name]}
            return {**usual, **own, 'mass_mailing_id': mailing.id}
        return usual

    def _prepare_tracker(self, variable, utm):
        target = (variable.constant or '').strip() or f'{self.get_base_url()}{RECORD_PAGE}'
        template = variable.template_id
        # With a title: core would fetch the page to find one.
        return {'url': target, 'label': f'{template.name} {variable.key}', 'title': f'{template.name}: {target}', **utm}

    def _open_pages(self, variables, drafts):
        """Have the records whose pages are linked to ready to be seen without logging in."""
        templates = variables.filtered(lambda variable: not variable.constant).template_id
        self.env['fluxforce.whatsapp.portal']._keys(
            [draft for draft in drafts if draft['template_id'] in templates.ids and self._has_key(draft['res_model'])])

    def _has_key(self, model):
        """:return: whether the pages of its records have a key of their own"""
        return bool(model) and 'access_token' in self.env[model]._fields

    def _with_codes(self, draft, key, trackers):
        token, origin = codes.new_token(), self._origin(draft)

        def code(mark):
            tracker_id = trackers.get((origin, int(mark[1])))
            return codes.make(key, tracker_id, token) if tracker_id else mark[0]

        return {
            **draft, 'link_token': token,
            # The same text stays the same although each person's code is another one.
            'content_key': draft.get('content_key') or content_key(draft['template_id'], draft['values']),
            **{name: self._replaced(draft[name], code) for name in ('values', 'body')}}

    def _replaced(self, value, code):
        if isinstance(value, dict):
            return {name: self._replaced(inner, code) for name, inner in value.items()}
        return MARKED.sub(code, value) if isinstance(value, str) else value

    def _key(self):
        # sudo: ir.config_parameter - the database's secret
        return hmac(self.sudo().env, SCOPE, 'key')

    # ------------------------------------------------------------
    # OUT OF A MESSAGE
    # ------------------------------------------------------------

    @api.model
    def _resolve(self, code):
        """Find what a code stands for. Where it leads is what stands in the database, never what the request says.

        :rtype: Followed | None
        """
        read = codes.read(self._key(), code)
        if not read:
            return None
        # sudo: link.tracker, message - the signed code is the right to follow this one link
        tracker = self.env['link.tracker'].sudo().browse(read[0]).exists()
        # Sent again with the same words, the later message has it.
        message = self.env['fluxforce.whatsapp.message'].sudo().search(
            [('link_token', '=', read[1])], order='id desc', limit=1)
        target = tracker and self._target(tracker, message)
        return Followed(tracker, message, target) if target else None

    def _target(self, tracker, message):
        """:return: the address with what tells where the visitor comes from; '' if there is none any more"""
        if not tracker.url.endswith(RECORD_PAGE):
            return tracker.redirected_url
        page, query = self._page_of(message), tracker.redirected_url.partition('?')[2]
        return f'{page}{"&" if "?" in page else "?"}{query}' if page and query else page

    def _page_of(self, message):
        if message.wiped_at or message.res_model not in self.env:
            return ''
        # sudo: any document - the link was made for the person who gets it, as core's own links are
        document = self.env[message.res_model].sudo().browse(message.res_id).exists()
        return self.env['fluxforce.whatsapp.portal']._link(document) if document else ''
