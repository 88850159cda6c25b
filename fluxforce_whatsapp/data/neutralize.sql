-- A copy of a production database must not send: no secrets, no connection, nothing waiting.
UPDATE fluxforce_whatsapp_account
   SET token = NULL, app_secret = NULL, former_app_secret = NULL, former_secret_until = NULL, state = 'draft',
       verify_token = md5(random()::text || clock_timestamp()::text || id::text),
       webhook_token = md5(random()::text || clock_timestamp()::text || id::text);
UPDATE fluxforce_whatsapp_message
   SET state = 'cancelled'
 WHERE state IN ('queued', 'held', 'sending');
UPDATE fluxforce_whatsapp_number
   SET stopped = TRUE;
UPDATE fluxforce_whatsapp_template_draft
   SET state = 'ready'
 WHERE id IN (SELECT draft_id FROM fluxforce_whatsapp_template_request WHERE state IN ('waiting', 'calling'));
UPDATE fluxforce_whatsapp_template_request
   SET state = 'cancelled'
 WHERE state IN ('waiting', 'calling');
