from . import fluxforce_mailing_test
