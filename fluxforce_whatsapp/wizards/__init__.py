from . import fluxforce_whatsapp_alert_done
from . import fluxforce_whatsapp_assign
from . import fluxforce_whatsapp_composer
from . import fluxforce_whatsapp_composer_value
from . import fluxforce_whatsapp_reassign
from . import fluxforce_whatsapp_release
from . import fluxforce_whatsapp_reschedule
from . import fluxforce_whatsapp_settle
