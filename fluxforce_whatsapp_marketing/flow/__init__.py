"""The step machine of a campaign in plain Python: no ORM, no Odoo.

Modules: ``tree`` (which step may follow which, and how), ``steps`` (what is due for whom, which way somebody goes and
what that leads to), ``timing`` (when that is, by the clock of the person), ``lots`` (who belongs to which share),
``pressure`` (who got enough for now) and ``audience`` (who is in twice, what the gate says about all of them).

Moments are naive UTC throughout.
"""
