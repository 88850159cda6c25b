from . import fluxforce_campaign_export
from . import fluxforce_campaign_gallery_use
from . import fluxforce_campaign_import
from . import fluxforce_campaign_rehearsal
from . import fluxforce_mailing_test
