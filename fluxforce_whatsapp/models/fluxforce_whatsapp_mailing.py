from odoo import api, models

SUBSCRIPTION = 'mailing.subscription'
# Context of who takes people off lists because of a stop that is in the ledger already.
HEARD_ALREADY = 'whatsapp_stop_heard'


def _watched_create(origin):
    @api.model_create_multi
    def create(self, vals_list, **options):
        subscriptions = origin(self, vals_list, **options)
        self.env['fluxforce.whatsapp.mailing']._heed_opt_outs(subscriptions)
        return subscriptions

    return create


def _watched_write(origin):
    def write(self, vals, **options):
        before = self.filtered(lambda subscription: not subscription.opt_out)
        result = origin(self, vals, **options)
        self.env['fluxforce.whatsapp.mailing']._heed_opt_outs(before)
        return result

    return write


class FluxforceWhatsappMailing(models.AbstractModel):
    """Hears who leaves a mailing list where Odoo's mailings are installed, without needing them.

    Their model cannot be inherited as long as it may be missing, so its methods are wrapped when the registry is ready,
    the way Odoo's own automation rules do it.
    """

    _name = 'fluxforce.whatsapp.mailing'
    _description = 'WhatsApp and Mailing Lists'

    def _register_hook(self):
        super()._register_hook()
        if SUBSCRIPTION in self.env:
            self._watch(self.env.registry[SUBSCRIPTION])

    def _watch(self, model_class):
        if '_whatsapp_watched' not in vars(model_class):
            model_class.create = _watched_create(model_class.create)
            model_class.write = _watched_write(model_class.write)
            model_class._whatsapp_watched = True

    @api.model
    def _heed_opt_outs(self, subscriptions):
        """:param subscriptions: that were just made or that had not opted out until now."""
        if self.env.context.get(HEARD_ALREADY):
            return
        # sudo: mailing.contact - who it is, whoever clicked
        left = subscriptions.sudo().filtered('opt_out')
        for mailing_list, same in left.grouped('list_id').items():
            contacts = same.contact_id
            # Mailings by text message give their contacts a number.
            phones = contacts.mapped('phone_sanitized') if 'phone_sanitized' in contacts._fields else []
            self.env['fluxforce.whatsapp.elsewhere']._heed_mailing(
                emails=[email for email in contacts.mapped('email_normalized') if email],
                phones=[phone for phone in phones if phone],
                wording=self.env._('Left the mailing list "%(name)s".', name=mailing_list.name))
