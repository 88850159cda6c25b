"""Meta's WhatsApp Cloud API in plain Python: no ORM, no Odoo, only ``requests``.

Modules: ``const`` (every number and name of Meta's world), ``errors``, ``transport`` and ``client`` (the way out),
``payloads`` and ``templates`` (what is sent), ``template_calls`` (templates themselves), ``signature`` and ``webhooks``
(the way in).
"""
