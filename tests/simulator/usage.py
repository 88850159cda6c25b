"""The usage headers of the Graph API: percentages of what an app and an account may do. [GR]"""

import json
from functools import lru_cache

MESSAGING = 'whatsapp'
MANAGEMENT = 'whatsapp_business_management'


def usage_headers(settings, waba_id, kind, percent):
    """Return the headers of an answer that concerns an account; `kind` = the business use case."""
    return _headers(settings.app_usage_percent, waba_id, kind, percent, settings.regain_minutes)


@lru_cache(256)
def _headers(app_percent, waba_id, kind, percent, regain_minutes):
    case = {'type': kind, **_figures(percent), 'estimated_time_to_regain_access': regain_minutes}
    return {'X-App-Usage': json.dumps(_figures(app_percent)),
            'X-Business-Use-Case-Usage': json.dumps({waba_id: [case]})}


def _figures(percent):
    return {'call_count': percent, 'total_cputime': percent // 2, 'total_time': percent // 2}
