"""What the commands in setup/ say when something is missing."""
import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / 'setup'))

from kit import bootstrap, debian, lint, odoo_source, ports, postgres, report  # noqa: E402
from kit import test as test_command  # noqa: E402
from kit.report import Stop  # noqa: E402


def test_a_stop_says_what_is_missing_and_how_to_mend_it(capsys):
    def main():
        raise Stop('There is no coffee.', 'Make some.')

    with pytest.raises(SystemExit) as ended:
        report.run(main)

    assert ended.value.code == 2
    assert capsys.readouterr().err == '✗ There is no coffee.\n  Make some.\n'


def test_a_taken_port_is_named_with_the_option_to_choose_another():
    with socket.socket() as listener:
        listener.bind((ports.HOST, 0))
        listener.listen()
        taken = listener.getsockname()[1]
        with pytest.raises(Stop, match=str(taken)) as stop:
            ports.require_free(taken, 'another with --port')

    assert '--port' in stop.value.remedy


def test_too_little_room_names_the_folder_and_the_setting(monkeypatch):
    monkeypatch.setattr(bootstrap.shutil, 'disk_usage', lambda folder: SimpleNamespace(free=5 * 1024 ** 2))

    with pytest.raises(Stop, match='Only 5 MiB') as stop:
        bootstrap.require_disk_space()

    assert 'FLUXFORCE_CACHE' in stop.value.remedy


def test_a_folder_without_odoo_is_named(tmp_path):
    with pytest.raises(Stop, match='ODOO_PATH') as stop:
        odoo_source.from_path(tmp_path)

    assert 'unset' in stop.value.remedy


def test_a_machine_without_apt_goes_on_to_the_next_way(monkeypatch):
    monkeypatch.setattr(debian.shutil, 'which', lambda name: None)

    with pytest.raises(Stop, match='no apt'):
        debian.find_mirror()


def test_a_silent_postgresql_names_its_settings():
    server = postgres.Server(host=ports.HOST, port=str(ports.free()), user='nobody')

    with pytest.raises(Stop, match='does not answer') as stop, server.cursor():
        pass

    assert 'PGHOST' in stop.value.remedy


def test_the_password_is_not_on_the_command_line():
    assert 'secret' not in ' '.join(postgres.Server(host='db', user='odoo', password='secret').odoo_options())


def test_a_killed_command_does_not_keep_the_embedded_server_alive(tmp_path):
    gone = subprocess.Popen(['true'])
    gone.wait()
    users = tmp_path / 'pids.json'
    users.write_text(f'[{gone.pid}, {os.getpid()}]')

    postgres.forget_dead_users(users)

    assert users.read_text() == f'[{os.getpid()}]'


def test_without_a_fitting_python_the_version_is_named(tmp_path):
    for name in ('bash', 'dirname', 'git'):
        (tmp_path / name).symlink_to(shutil.which(name))
    environment = {'PATH': str(tmp_path), 'HOME': str(tmp_path), 'PYENV_ROOT': str(tmp_path)}

    done = subprocess.run([ROOT / 'setup' / 'lint'], env=environment, capture_output=True, text=True, check=False)

    assert done.returncode == 2
    assert '3.10 to 3.13' in done.stderr


@pytest.mark.parametrize('line, code, expected', [
    ('12 passed in 3.1s', 0, (12, 0, 0)),
    ('1 failed, 2 passed, 3 skipped in 3s', 1, (2, 1, 3)),
    ('2 passed, 1 error in 3s', 1, (2, 1, 0)),
    ('no tests ran in 0.1s', 5, (0, 0, 0)),
    ('Segmentation fault', -11, (0, 1, 0)),
])
def test_pytests_last_line_is_counted(line, code, expected):
    result = test_command.read_pytest_summary([line], code)

    assert (result.passed, result.failed, result.skipped) == expected


def test_a_runner_that_ran_nothing_is_a_failure():
    assert test_command.read_runner_summary(['nothing'], 0).failed == 1


def test_a_machine_path_in_a_file_is_found(tmp_path):
    path = tmp_path / 'notes.txt'
    path.write_text('see ' + os.sep + 'home/somebody/notes\n')

    assert list(lint.find_forbidden(path)) == [('a machine path', 1)]
