from . import test_audience
from . import test_campaign
from . import test_counts
from . import test_neutralize
from . import test_rights
from . import test_run
from . import test_start
from . import test_stop
