from odoo import api, fields, models
from odoo.exceptions import AccessError

from ..cloud_api import const as meta
from ..const import OTHER, known
from ..policy.pace import per_second

STATUSES = {
    'CONNECTED': 'Connected',
    'PENDING': 'Pending',
    'DISCONNECTED': 'Disconnected',
    'FLAGGED': 'Flagged',
    'RESTRICTED': 'Restricted',
    'RATE_LIMITED': 'Rate limited',
    'BANNED': 'Banned',
    'DELETED': 'Deleted',
    'MIGRATED': 'Migrated',
    'UNVERIFIED': 'Not verified',
}


# What people may set; everything else is as Meta reports it.
OURS = {'sequence', 'active', 'operator_limit'}


class FluxforceWhatsappNumber(models.Model):
    """One business phone number of an account, as Meta reports it."""

    _name = 'fluxforce.whatsapp.number'
    _description = 'WhatsApp Number'
    _order = 'sequence, id'
    _rec_names_search = ['verified_name', 'display_phone_number']

    account_id = fields.Many2one('fluxforce.whatsapp.account', required=True, readonly=True, index=True,
                                 ondelete='cascade')
    company_id = fields.Many2one(related='account_id.company_id', store=True, index=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10, help='The first number that is able to send is the one proposed.')
    phone_number_id = fields.Char('Phone Number ID', required=True, readonly=True)
    display_phone_number = fields.Char('Phone Number', readonly=True)
    verified_name = fields.Char('Name Shown', readonly=True, help='Meta\'s "display name": what people see.')
    status = fields.Selection([*STATUSES.items(), (OTHER, 'Other')], readonly=True)
    quality_rating = fields.Selection([*meta.QUALITY_RATINGS.items(), (OTHER, 'Other')], 'Quality', readonly=True)
    throughput_level = fields.Char('Throughput', readonly=True)
    messaging_limit = fields.Char(readonly=True, help='How many people may be reached in 24 hours outside a '
                                                      'conversation, over all numbers of the portfolio.')
    operator_limit = fields.Integer(
        'Own Limit (messages/s)', help='Slow this number down below what Meta allows; 0 for no limit of your own.')
    able_to_send = fields.Boolean(compute='_compute_able_to_send')

    _phone_number_id_unique = models.Constraint('unique(phone_number_id)', 'This number belongs to another account.')
    _operator_limit_positive = models.Constraint('CHECK(operator_limit >= 0)', 'Own Limit cannot be negative.')

    @api.depends('status', 'active')
    def _compute_able_to_send(self):
        for number in self:
            number.able_to_send = number.active and number.status in meta.NUMBER_STATUS_ABLE_TO_SEND

    @api.depends('verified_name', 'display_phone_number')
    def _compute_display_name(self):
        for number in self:
            parts = [number.verified_name, number.display_phone_number]
            number.display_name = ' '.join(part for part in parts if part) or number.phone_number_id

    @api.model_create_multi
    def create(self, vals_list):
        for values in vals_list:
            self._check_not_metas(values)
        return super().create(vals_list)

    def write(self, vals):
        self._check_not_metas(vals)
        result = super().write(vals)
        if {'active', 'status'} & vals.keys():
            self.filtered('able_to_send').account_id._release_held()
        return result

    def _check_not_metas(self, vals):
        """:raise AccessError: if a person writes what only Meta says."""
        if not self.env.su and vals.keys() - OURS:
            raise AccessError(self.env._(
                'Only the order, the own limit and archiving of a number are decided here; the rest comes from Meta.'))

    def _messages_per_second(self):
        """:return: how many messages this number may send in a second; the lowest limit wins, at least one."""
        self.ensure_one()
        granted = meta.THROUGHPUT.get(self.throughput_level, meta.THROUGHPUT['STANDARD'])
        return max(per_second(granted, self.operator_limit), 1)

    @api.model
    def _sync(self, account, rows):
        """Bring the numbers of an account to what Meta lists; numbers no longer listed are archived.

        :param list rows: Meta's phone number objects.
        """
        self = self.sudo()  # sudo: number - what Meta says is written by nobody else
        rows = [row for row in rows if row.get('id')]
        existing = self.with_context(active_test=False).search([('account_id', '=', account.id)])
        by_id = existing.grouped('phone_number_id')
        to_create = []
        for row in rows:
            values = self._prepare_sync_values(account, row)
            if number := by_id.get(row['id']):
                number.write(values)
            else:
                to_create.append(values)
        self.create(to_create)
        listed = {row['id'] for row in rows}
        existing.filtered(lambda number: number.phone_number_id not in listed).write({'active': False})

    def _prepare_sync_values(self, account, row):
        throughput = row.get('throughput') if isinstance(row.get('throughput'), dict) else {}
        return {
            'account_id': account.id,
            'phone_number_id': row['id'],
            'display_phone_number': row.get('display_phone_number'),
            'verified_name': row.get('verified_name'),
            'status': known(row.get('status'), STATUSES),
            'quality_rating': known(row.get('quality_rating'), meta.QUALITY_RATINGS),
            'throughput_level': throughput.get('level'),
            'messaging_limit': row.get('whatsapp_business_manager_messaging_limit'),
            'active': True,
        }
