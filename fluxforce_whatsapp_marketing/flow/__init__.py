"""The step machine of a campaign in plain Python: no ORM, no Odoo.

Modules: ``steps`` (what is due for whom and where it leaves them), ``audience`` (who is in twice, what the gate says
about all of them), ``codes`` (of tracked addresses), ``visits`` (who opens them) and ``credit`` (which message a
sale is credited to).
"""
