from . import fluxforce_whatsapp_alert_done
from . import fluxforce_whatsapp_composer
from . import fluxforce_whatsapp_composer_value
from . import fluxforce_whatsapp_release
