from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools.translate import TranslationImporter, get_po_paths

from ..cloud_api.errors import ERRORS, table_code
from ..policy import playbook

MODULE = 'fluxforce_whatsapp'


class FluxforceWhatsappError(models.Model):
    """The playbook: Meta's error codes in words, who must act, and what the outbox does about each.

    The rows come from ``cloud_api.errors``; what an administrator changes stays, also when the addon is updated.
    """

    _name = 'fluxforce.whatsapp.error'
    _description = 'WhatsApp Error'
    _order = 'code'
    _rec_name = 'title'

    code = fields.Integer(required=True, aggregator=None, help='Meta\'s number for it.')
    title = fields.Char('What It Means', required=True, translate=True)
    advice = fields.Char('What to Do', required=True, translate=True)
    responsible = fields.Selection([*playbook.RESPONSIBLE.items()], 'Who Must Act', required=True,
                                   default='administrator', help='Who sends: the salesperson or the marketer.')
    action = fields.Selection([*playbook.ACTIONS.items()], 'What the Outbox Does', required=True,
                              default=playbook.Action.FAIL.value)
    max_attempts = fields.Integer('Tries', required=True, default=playbook.MAX_ATTEMPTS, aggregator=None,
                                  help='After so many tries of one message it fails.')
    hold_hours = fields.Integer('Hours to Hold', required=True, default=playbook.HOLD_HOURS, aggregator=None,
                                help='How long it is held the first time; twice as long each time after that.')
    edited = fields.Boolean('Changed Here', readonly=True, copy=False, default=True,
                            help='A person wrote or changed it, so an update of the addon leaves it as it is.')
    is_shipped = fields.Boolean(compute='_compute_is_shipped', help='The addon itself brings this code.')

    _code_unique = models.Constraint('unique(code)', 'This error code is already there.')

    # ------------------------------------------------------------
    # COMPUTE AND CONSTRAINTS
    # ------------------------------------------------------------

    @api.depends('code')
    def _compute_is_shipped(self):
        for error in self:
            error.is_shipped = error.code in ERRORS

    @api.constrains('max_attempts')
    def _check_max_attempts(self):
        for error in self:
            if not 1 <= error.max_attempts <= playbook.MAX_ATTEMPTS_LIMIT:
                raise ValidationError(self.env._(
                    'Tries: %(tries)s cannot be right for the error %(code)s. Enter 1 to %(limit)s.',
                    tries=error.max_attempts, code=error.code, limit=playbook.MAX_ATTEMPTS_LIMIT))

    @api.constrains('hold_hours')
    def _check_hold_hours(self):
        for error in self:
            if not 1 <= error.hold_hours <= playbook.HOLD_HOURS_LIMIT:
                raise ValidationError(self.env._(
                    'Hours to Hold: %(hours)s cannot be right for the error %(code)s. Enter 1 to %(limit)s.',
                    hours=error.hold_hours, code=error.code, limit=playbook.HOLD_HOURS_LIMIT))

    @api.constrains('code')
    def _check_code(self):
        for error in self:
            if error.code < 0:
                raise ValidationError(self.env._(
                    'Code: %(code)s cannot be right. Enter the number that Meta gives for the error.',
                    code=error.code))

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    def write(self, vals):
        if 'code' in vals and any(error.code != vals['code'] for error in self):
            raise UserError(self.env._('The code of an error stays as it is. Create another error for another code.'))
        # Only loading what the addon ships says that nobody has edited it.
        return super().write({'edited': True, **vals})

    @api.ondelete(at_uninstall=False)
    def _unlink_except_shipped(self):
        shipped = self.filtered('is_shipped')
        if shipped:
            raise UserError(self.env._(
                'Errors that the addon brings cannot be deleted: %(codes)s. Change what the outbox does about them '
                'instead, or restore the default.', codes=', '.join(map(str, shipped.mapped('code')))))

    # ------------------------------------------------------------
    # WHAT THE ADDON SHIPS
    # ------------------------------------------------------------

    @api.model
    def _load_playbook(self):
        """Write the table of ``cloud_api.errors`` as records; what a person wrote or changed stays as it is."""
        kept = self.search([('edited', '=', True), ('code', 'in', list(ERRORS))])
        # Without it the update would take them for rows the addon no longer ships and delete them.
        self.env['ir.model.data']._update_xmlids([
            {'xml_id': self._xml_id(error.code), 'record': error} for error in kept])
        kept_codes = set(kept.mapped('code'))
        self._load_records([
            {'xml_id': self._xml_id(code), 'noupdate': False, 'values': self._prepare_default_values(info)}
            for code, info in ERRORS.items() if code not in kept_codes])

    def _xml_id(self, code):
        return f'{MODULE}.error_{code}'

    def _prepare_default_values(self, info):
        return {
            'code': info.code,
            'title': info.title,
            'advice': info.advice,
            'responsible': info.responsible,
            'action': info.action,
            'max_attempts': info.max_attempts or playbook.MAX_ATTEMPTS,
            'hold_hours': playbook.HOLD_HOURS,
            'edited': False,
        }

    def action_restore_default(self):
        """Undo what people changed, in every language; errors the addon does not ship stay as they are."""
        shipped = self.filtered('is_shipped')
        for error in shipped.with_context(lang=None):
            error.write(self._prepare_default_values(ERRORS[error.code]))
        if shipped:
            shipped._restore_translations()

    def _restore_translations(self):
        importer = TranslationImporter(self.env.cr, verbose=False)
        xml_ids = {self._xml_id(error.code) for error in self}
        for lang, __ in self.env['res.lang'].get_installed():
            for path in get_po_paths(MODULE, lang):
                importer.load_file(path, lang, xmlids=xml_ids)
        importer.save(overwrite=True, force_overwrite=True)
        self.invalidate_recordset(['title', 'advice'])

    # ------------------------------------------------------------
    # ASKING IT
    # ------------------------------------------------------------

    @api.model
    def _instructions(self, codes):
        """What to do about errors, in one query.

        :param codes: list or set of Meta's error codes; 200 to 299 share one row unless they have their own.
        :return: by code, a :class:`policy.playbook.Instruction`; a code nobody has described fails and says so.
        """
        rows = self._rows(codes, ['code', 'action', 'max_attempts', 'hold_hours'])
        return {code: rows[code]._to_instruction(code) if code in rows else playbook.unknown_instruction(code)
                for code in set(codes)}

    def _rows(self, codes, names):
        """:return: by code, its row with the fields ``names``; codes nobody has described are left out."""
        domain = [('code', 'in', [*codes, *map(table_code, codes)])]
        # sudo: error - plain reference data
        by_code = {row.code: row for row in self.sudo().search_fetch(domain, names)}
        found = {code: by_code.get(code) or by_code.get(table_code(code)) for code in codes}
        return {code: row for code, row in found.items() if row}

    def _to_instruction(self, code):
        return playbook.Instruction(code, playbook.Action(self.action), self.max_attempts, self.hold_hours)

    @api.model
    def _instructions_for(self, errors):
        """The same for refusals of Meta, which may be passing although nobody knows their code.

        :param list errors: :class:`cloud_api.errors.ApiError`.
        :return: an instruction for each, in the same order; its code is that of the row, see ``ApiError.info``.
        """
        by_code = self._instructions({error.info.code for error in errors})
        return [self._regard_answer(by_code[error.info.code], error) for error in errors]

    def _regard_answer(self, instruction, error):
        """The code decides; what else the answer tells counts for codes that nobody knows."""
        if instruction.known:
            return instruction
        return playbook.unknown_instruction(instruction.code, error.seems_passing)

    @api.model
    def _explanations(self, codes):
        """:param codes: iterable of error codes. :return: by code, title and advice in the user's language."""
        wanted = {code for code in codes if code}
        rows = self._rows(wanted, ['code', 'title', 'advice']) if wanted else {}
        return {code: f'{row.title}. {row.advice}' for code, row in rows.items()}
