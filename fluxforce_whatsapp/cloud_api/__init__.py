"""Meta's WhatsApp Cloud API in plain Python: no ORM, no Odoo, only ``requests``.

Modules: ``const`` (every number and name of Meta's world), ``errors``, ``transport`` and ``client`` (the way out),
``payloads`` and ``templates`` (what is sent), ``template_calls`` (templates themselves), ``template_checks`` (what is
wrong with one before Meta sees it), ``template_quota`` (when one may be created or changed again), ``signature`` and
``webhooks`` (the way in).
"""
