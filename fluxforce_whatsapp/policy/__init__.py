"""The rules of responsible sending in plain Python: no ORM, no Odoo, no HTTP.

Modules: ``purpose`` (what a consent is for), ``consent`` (what the ledger says now), ``gate`` (the one decision before
a message goes), ``pace`` (how fast a number may send), ``warmup`` (how slowly a new one begins), ``quiet_hours`` (when
a person sleeps), ``brake`` (when marketing slows or stops), ``forecast`` (when what waits will go), ``variants``
(spellings of one number), ``typed_number`` (what is wrong with a number somebody typed) and ``bought_list``
(consents that look like a bought list).
"""
