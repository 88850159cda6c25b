"""A stale message is not sent."""
from datetime import datetime, timedelta

import pytest
from policy.expiry import expires_at

NOW = datetime(2026, 6, 1, 12)


@pytest.mark.parametrize(('purpose', 'hours'), [
    ('authentication', 1 / 6), ('utility', 24), ('care', 24), ('marketing', 168), (None, 24)])
def test_how_long_a_message_is_worth_sending(purpose, hours):
    assert expires_at(purpose, NOW) == NOW + timedelta(hours=hours)
