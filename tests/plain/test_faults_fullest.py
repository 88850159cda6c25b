"""What a run tells about the second that held too many."""
import time

import pytest

from tests.faults.diary import Diary, now
from tests.faults.fullest import fullest_second


def test_it_tells_whose_the_messages_were_and_how_late(tmp_path):
    diary, moment = Diary(tmp_path / 'diary.jsonl'), now()
    unix = time.time() - moment
    diary.note('start', pid=7, at=moment - 3)
    ledger = []
    for index in range(4):
        began = moment + index * 0.1
        diary.note('call', pid=7 + index % 2, key=f'key-{index}', planned=began - 0.2, began=began, error=None)
        ledger.append({'key': f'key-{index}', 'accepted_at': began + 0.15 + unix})
    ledger.append({'key': 'later', 'accepted_at': moment + 9 + unix})

    facts = fullest_second(ledger, diary, stalls=[(moment + 0.2 + unix, 0.1), (moment - 60 + unix, 5.0)])

    assert facts['messages'] == 4
    assert facts['of_each'] == {7: 2, 8: 2}
    assert facts['began_late_s'] == [0.2, 0.2, 0.2]
    assert facts['on_the_way_s'] == pytest.approx([0.15, 0.15, 0.15], abs=0.03)
    assert facts['since']['start 7'] == pytest.approx(3.15, abs=0.03)
    assert len(facts['simulator_stood_still']) == 1
