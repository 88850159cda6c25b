"""What webhooks leave behind, in a form that two databases can be compared by."""

# By name: a statement, and the columns that tell which row it is.
PARTS = {
    'outbox': ("""
        SELECT key, state, wamid, wa_id, sent_at, delivered_at, read_at, failed_at, error_code
          FROM fluxforce_whatsapp_message
    """, ('key',)),
    # Each text of a run is unique, so it stands for Meta's id, which the chatter does not show.
    'chatter': ("""
        SELECT person.phone, message.body, count(*)
          FROM mail_message message
          JOIN res_partner person ON person.id = message.author_id
         WHERE message.message_type = 'whatsapp_message'
           AND NOT EXISTS (SELECT 1 FROM res_users WHERE partner_id = person.id)
         GROUP BY person.phone, message.body
    """, ('phone', 'body')),
    'templates': ('SELECT template_id, status, quality, category FROM fluxforce_whatsapp_template', ('template_id',)),
    'numbers': ("""
        SELECT phone_number_id, quality_rating, messaging_limit FROM fluxforce_whatsapp_number
    """, ('phone_number_id',)),
    'consents': ("""
        SELECT phone, purpose, decision, source, count(*) FROM fluxforce_whatsapp_consent
         GROUP BY phone, purpose, decision, source
    """, ('phone', 'purpose', 'decision', 'source')),
    'journal': ('SELECT dedupe_key, state FROM fluxforce_whatsapp_event_item', ('dedupe_key',)),
}


def snapshot(field):
    """:param field: :class:`~tests.faults.ground.Ground`. :return: rows by part and identity."""
    return {name: read(field, statement, identity) for name, (statement, identity) in PARTS.items()}


def read(field, statement, identity):
    return {' '.join(str(row[column]) for column in identity): row for row in field.query(statement)}


def differences(seen, expected):
    """:return: part and identity of every row that is missing, new or another."""
    return {f'{part}: {key}' for part in expected for key in seen[part].keys() | expected[part].keys()
            if seen[part].get(key) != expected[part].get(key)}
