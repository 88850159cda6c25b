from . import fluxforce_campaign
from . import fluxforce_campaign_activity
from . import fluxforce_campaign_participant
from . import fluxforce_campaign_runner
from . import fluxforce_whatsapp_gate
from . import fluxforce_whatsapp_message
from . import fluxforce_whatsapp_privacy
from . import fluxforce_whatsapp_stop
