from odoo import api, models
class Stub(models.AbstractModel):
    _name = 'fluxforce.whatsapp.alert'
    _description = 'stub'
    @api.model
    def _raise_alert(self, kind, account, number=None, template=None, detail=''):
        account.message_post(body=detail or kind, subject='WhatsApp stopped sending')
    @api.model
    def _close(self, kind, account, number=None, note=''):
        pass
