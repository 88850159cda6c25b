import json
import secrets

from psycopg2.extras import Json

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from .mailing_mailing import HALTED

# From so many rows on they are written by one statement; below, the ORM takes as long. (Our own choice.)
MANY = 20
KNOWN = ('state', 'number_id')


class FluxforceWhatsappMessage(models.Model):
    """Messages of a mailing."""

    _inherit = 'fluxforce.whatsapp.message'

    mailing_id = fields.Many2one('mailing.mailing', 'Mailing', readonly=True, copy=False, ondelete='set null')

    _mailing_idx = models.Index('(mailing_id, state) WHERE mailing_id IS NOT NULL')

    def write(self, vals):
        """The message that is sent again by hand stands for the recipient from then on."""
        result = super().write(vals)
        if vals.get('again_id') and (replaced := self.filtered('mailing_id')):
            self.env['mailing.trace']._replace_messages(replaced)
        return result

    @api.model
    def _forgotten_domain(self):
        """Who waits because a mailing is paused goes on when it goes on, and not before."""
        others = Domain('mailing_id', '=', False) | Domain('reason', '!=', 'halted')
        resumed = Domain('reason', '=', 'halted') & Domain('mailing_id', '!=', False) & Domain(
            'mailing_id.state', 'not in', HALTED)
        return super()._forgotten_domain() & others | resumed

    def _draft_fields(self):
        return [*super()._draft_fields(), 'mailing_id']

    def _to_drafts(self):
        drafts = super()._to_drafts()
        for message, draft in zip(self, drafts, strict=True):
            if message.mailing_id:
                draft['mailing_id'] = message.mailing_id.id
        return drafts

    def _prepare_again_draft(self):
        # sudo: message - who sends again need not see mailings
        mailing_id = self.sudo().mailing_id.id
        return {**super()._prepare_again_draft(), **({'mailing_id': mailing_id} if mailing_id else {})}

    # ------------------------------------------------------------
    # VERY MANY
    # ------------------------------------------------------------

    @api.model
    def _insert(self, vals_list):
        """The rows of a mailing are written by one statement: by the ORM that takes longer than all the rest."""
        if len(vals_list) < MANY or not self._is_flat(vals_list):
            return super()._insert(vals_list)
        self.env.flush_all()  # the rows point at others
        columns = self._prepare_columns(vals_list)
        same = {name: column[0] for name, column in columns.items() if column.count(column[0]) == len(column)}
        different = [name for name in columns if name not in same]
        self.env.cr.execute(SQL(
            'INSERT INTO fluxforce_whatsapp_message (%s) SELECT %s FROM unnest(%s) AS own (%s) RETURNING key, id',
            self._sql_list(SQL.identifier(name) for name in [*same, *different]),
            self._sql_list([*(SQL('%s', self._to_column(value)) for value in same.values()),
                            *(self._sql_cell(name) for name in different)]),
            self._sql_list(SQL('%s::%s[]', self._to_array(name, columns[name]), self._sql_type(name))
                           for name in different),
            self._sql_list(SQL.identifier(name) for name in different)))
        ids = dict(self.env.cr.fetchall())
        messages = self.browse([ids[key] for key in columns['key']])
        for name in KNOWN:  # what is asked of each next; reading it would read the whole row
            self._fields[name]._insert_cache(messages, columns[name])
        return messages

    def _is_flat(self, vals_list):
        """:return: whether these are rows of mailings and nothing but columns: a file is noted elsewhere, too."""
        columns = {name for name, field in self._fields.items() if field.store and field.column_type}
        computed = {name for name in columns if self._fields[name].compute}
        names = {name for values in vals_list for name in values}
        is_mailing = all(values.get('mailing_id') for values in vals_list)
        return is_mailing and names <= columns and computed <= {'company_id'}

    def _prepare_columns(self, vals_list):
        """:return: by column, its values in the order of the rows."""
        given = dict.fromkeys(name for values in vals_list for name in values)
        stored = {name for name, field in self._fields.items() if field.store and field.column_type}
        defaults = self.default_get(list(stored - given.keys() - {'key', 'id', 'company_id'}))
        now, count = self.env.cr.now(), len(vals_list)
        accounts = self.env['fluxforce.whatsapp.account'].browse({values['account_id'] for values in vals_list})
        companies = {account.id: account.company_id.id for account in accounts}
        system = {'create_uid': self.env.uid, 'write_uid': self.env.uid, 'create_date': now, 'write_date': now}
        return {
            **{name: [value] * count for name, value in {**defaults, **system}.items()},
            **{name: [values.get(name) for values in vals_list] for name in given},
            'company_id': [companies[values['account_id']] for values in vals_list],
            'key': [secrets.token_urlsafe(18) for _values in vals_list],
        }

    def _sql_list(self, parts):
        return SQL(', ').join(parts)

    def _sql_type(self, name):
        """:return: type of a column as it is handed over: JSON is text until it is stored."""
        kind = self._fields[name].column_type[1]
        return SQL('text' if kind == 'jsonb' else kind)  # pylint: disable=sql-injection

    def _sql_cell(self, name):
        is_json = self._fields[name].column_type[1] == 'jsonb'
        return SQL('own.%s::jsonb', SQL.identifier(name)) if is_json else SQL('own.%s', SQL.identifier(name))

    def _to_array(self, name, column):
        if self._fields[name].column_type[1] == 'jsonb':
            return [json.dumps(value) if value else None for value in column]
        return [None if value is False else value for value in column]

    def _to_column(self, value):
        if isinstance(value, dict | list):
            return Json(value) if value else None  # as the ORM stores it
        return None if value is False else value
