from . import test_composer
from . import test_reducer
from . import test_sender
from . import test_webhook
