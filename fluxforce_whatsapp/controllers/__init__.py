from . import preferences
from . import webhook
