"""The rules of responsible sending in plain Python: no ORM, no Odoo, no HTTP.

Modules: ``purpose`` (what a consent is for), ``consent`` (what the ledger says now), ``gate`` (the one decision before
a message goes) and ``pace`` (how fast a number may send).
"""
