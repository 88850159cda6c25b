import logging

from werkzeug.exceptions import BadRequest, Forbidden, NotFound

from odoo import SUPERUSER_ID, http
from odoo.http import request

from ..cloud_api import const as meta
from ..cloud_api.signature import verify
from ..cloud_api.webhooks import MalformedWebhook, challenge, check

_logger = logging.getLogger(__name__)

WEBHOOK_ROUTE = '/fluxforce_whatsapp/webhook'
# All that is read of the account, at once: Meta wants its answer soon.
NEEDED = ['verify_token', 'app_secret', 'former_app_secret', 'former_secret_until', 'company_id']


class WhatsappWebhook(http.Controller):
    """Meta's way in: check, keep, answer. What it means is found out later (the journal)."""

    @http.route(f'{WEBHOOK_ROUTE}/<string:token>', type='http', methods=['GET'], auth='none', csrf=False,
                save_session=False)
    def handshake(self, token, **params):
        """Answer Meta's question whether this address is ours."""
        account_sudo = self._account_of(token)
        answer = challenge(params, account_sudo.verify_token)
        if answer is None:
            _logger.warning('WhatsApp webhook handshake with a wrong verify token for account %s', account_sudo.id)
            raise Forbidden()
        return request.make_response(answer, headers=[('Content-Type', 'text/plain; charset=utf-8'),
                                                      ('X-Content-Type-Options', 'nosniff')])

    @http.route(f'{WEBHOOK_ROUTE}/<string:token>', type='http', methods=['POST'], auth='none', csrf=False,
                save_session=False, max_content_length=meta.WEBHOOK_MAX_BYTES)
    def receive(self, token):
        """Keep a webhook. Anything but 200 makes Meta repeat it, so a failing database must not answer 200."""
        account_sudo = self._account_of(token)
        raw = request.httprequest.get_data()
        signature = request.httprequest.headers.get(meta.SIGNATURE_HEADER)
        if not verify(account_sudo._webhook_secrets(), raw, signature):
            _logger.warning('WhatsApp webhook with a wrong signature for account %s', account_sudo.id)
            raise Forbidden()
        self._check_envelope(account_sudo, raw)
        request.env['fluxforce.whatsapp.event']._store(account_sudo, raw)
        return request.make_response('')

    def _account_of(self, token):
        # Meta has no user here: the unguessable address stands for the account. What it tells an archived one still
        # counts.
        request.update_env(user=SUPERUSER_ID)
        account_sudo = request.env['fluxforce.whatsapp.account'].with_context(active_test=False).search_fetch(
            [('webhook_token', '=', token)], NEEDED, limit=1)
        if not account_sudo:
            raise NotFound()
        return account_sudo

    def _check_envelope(self, account_sudo, raw):
        """Refuse what is no webhook at all; what is merely odd is kept and looked at later."""
        try:
            check(raw)
        except MalformedWebhook as error:
            _logger.warning('Malformed WhatsApp webhook for account %s', account_sudo.id)
            raise BadRequest() from error
