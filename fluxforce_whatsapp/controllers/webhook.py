import logging

from psycopg2.errors import ForeignKeyViolation
from werkzeug.exceptions import BadRequest, Forbidden, NotFound

from odoo import SUPERUSER_ID, http
from odoo.http import request

from ..cloud_api import const as meta
from ..cloud_api.signature import verify
from ..cloud_api.webhooks import MalformedWebhook, challenge, check

_logger = logging.getLogger(__name__)

WEBHOOK_ROUTE = '/fluxforce_whatsapp/webhook'


class WhatsappWebhook(http.Controller):
    """Meta's way in: check, keep, answer. What it means is found out later (the journal)."""

    @http.route(f'{WEBHOOK_ROUTE}/<string:token>', type='http', methods=['GET'], auth='none', csrf=False,
                save_session=False)
    def handshake(self, token, **params):
        """Answer Meta's question whether this address is ours."""
        account = self._account_of(token)
        answer = challenge(params, account['verify_token'])
        if answer is None:
            _logger.warning('WhatsApp webhook handshake with a wrong verify token for account %s', account['id'])
            raise Forbidden()
        return request.make_response(answer, headers=[('Content-Type', 'text/plain; charset=utf-8'),
                                                      ('X-Content-Type-Options', 'nosniff')])

    @http.route(f'{WEBHOOK_ROUTE}/<string:token>', type='http', methods=['POST'], auth='none', csrf=False,
                readonly=False, save_session=False, max_content_length=meta.WEBHOOK_MAX_BYTES)
    def receive(self, token):
        """Keep a webhook. Anything but 200 makes Meta repeat it, so a failing database must not answer 200."""
        account = self._account_of(token)
        raw = request.httprequest.get_data()
        signature = request.httprequest.headers.get(meta.SIGNATURE_HEADER)
        if not verify(account['secrets'], raw, signature):
            _logger.warning('WhatsApp webhook with a wrong signature for account %s', account['id'])
            raise Forbidden()
        self._check_envelope(account, raw)
        self._keep(account, raw)
        return request.make_response('')

    def _keep(self, account, raw):
        try:
            request.env['fluxforce.whatsapp.event']._store(account['id'], raw)
        except ForeignKeyViolation as error:  # the account has been deleted a moment ago
            raise NotFound() from error

    def _account_of(self, token):
        request.update_env(user=SUPERUSER_ID)  # Meta has no user here: the unguessable address stands for the account
        account = request.env['fluxforce.whatsapp.account']._entrance(token)
        if not account:
            raise NotFound()
        return account

    def _check_envelope(self, account, raw):
        """Refuse what is no webhook at all; what is merely odd is kept and looked at later."""
        try:
            check(raw)
        except MalformedWebhook as error:
            _logger.warning('Malformed WhatsApp webhook for account %s', account['id'])
            raise BadRequest() from error
