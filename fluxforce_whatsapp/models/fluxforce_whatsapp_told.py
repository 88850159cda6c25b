from datetime import timedelta

from odoo import fields, models

# Meta's clock and ours may differ by so much: what happened shortly before a fetch may not have been in it. (Our own
# choice.)
CLOCKS_DIFFER = timedelta(minutes=1)


class FluxforceWhatsappTold(models.AbstractModel):
    """Remembers when what Meta told last had happened: webhooks come late and in any order, the newest must win."""

    _name = 'fluxforce.whatsapp.told'
    _description = 'WhatsApp Record That Meta Tells About'

    told_at = fields.Json(readonly=True, copy=False, help='Technical: by kind, when what Meta told last had happened.')

    def _is_news(self, kind, moment, weight=''):
        """Tell whether something happened after what is known of its kind.

        :param str kind: what it is about: status, limit, name …
        :param datetime moment: when it happened, naive UTC.
        :param str weight: decides within the same second, the greater wins, whatever order they come in.
        """
        self.ensure_one()
        return self._mark(moment, weight) > (self.told_at or {}).get(kind, '')

    def _keep_told(self, kind, moment, weight=''):
        """Remember what :meth:`_is_news` compares with."""
        self.ensure_one()
        # sudo: what Meta says is written by nobody else
        self.sudo().told_at = {**(self.told_at or {}), kind: self._mark(moment, weight)}

    def _mark(self, moment, weight):
        return f'{fields.Datetime.to_string(moment)} {weight}'

    def _has_heard_since(self, kind, told_at):
        """Tell whether a webhook has told something of a kind while Meta was asked: then it is newer than the answer.

        No clock is compared: Meta's may differ from ours, and a second is too coarse.

        :param dict told_at: the record's ``told_at`` when Meta was asked.
        """
        self.ensure_one()
        return (self.told_at or {}).get(kind) != (told_at or {}).get(kind)

    def _was_fetched_after(self, moment):
        """:return: whether Meta was asked after a moment: then what is known already is newer."""
        return any(record.last_synced and moment < record.last_synced - CLOCKS_DIFFER for record in self)
