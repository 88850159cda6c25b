-- A copy of a production database must not go on with campaigns; what waits in the outbox is cancelled by fluxforce_whatsapp.
UPDATE fluxforce_campaign
   SET state = 'stopped'
 WHERE state IN ('running', 'paused');

-- Nor with mailings.
UPDATE mailing_mailing
   SET state = 'paused'
 WHERE mailing_type = 'whatsapp' AND state IN ('in_queue', 'sending');
