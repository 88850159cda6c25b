from . import controllers, models
from . import models
from . import wizards
