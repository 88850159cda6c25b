"""Fetching files: links that have had their time, wrong contents, harmful names."""

import base64
import hashlib

import pytest
from cloud_api.errors import (
    ApiError,
    ForeignHostError,
    MediaTooLargeError,
    NotSentError,
    OutcomeUnknownError,
    SettingsError,
    UnexpectedAnswerError,
)
from cloud_api.media import MediaError, Problem, Wanted, agree, detect, fetch, file_name

CONTENT = b'\x89PNG and so on'
SUM = hashlib.sha256(CONTENT)
OCTETS = 'application/octet-stream'


class Meta:
    """Answers each call with the next of its answers; an exception is raised."""

    def __init__(self, *downloads, **described):
        self.downloads = list(downloads)
        self.described = {'url': 'https://lookaside.fbsbx.com/fresh', **described}
        self.asked = []
        self.urls = []

    def get_media(self, media_id, phone_number_id=None):
        self.asked.append((media_id, phone_number_id))
        return self.described

    def download_media(self, url, max_bytes):
        self.urls.append(url)
        answer = self.downloads.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


def wanted(**values):
    return Wanted('11', '22', **values)


def problem_of(meta, **values):
    with pytest.raises(MediaError) as caught:
        fetch(meta, wanted(**values))
    return caught.value.problem


# --- Links ---------------------------------------------------------------------------------------------------------


def test_link_of_the_webhook_saves_a_question():
    meta = Meta(CONTENT)
    assert fetch(meta, wanted(url='https://link')) == CONTENT
    assert (meta.urls, meta.asked) == (['https://link'], [])


def test_without_a_link_meta_is_asked():
    meta = Meta(CONTENT)
    assert fetch(meta, wanted()) == CONTENT
    assert (meta.urls, meta.asked) == (['https://lookaside.fbsbx.com/fresh'], [('11', '22')])


@pytest.mark.parametrize('status', [401, 403, 404, 410])
def test_link_that_has_had_its_time_is_asked_for_anew(status):
    meta = Meta(UnexpectedAnswerError('Not found', status), CONTENT)
    assert fetch(meta, wanted(url='https://old')) == CONTENT
    assert meta.urls == ['https://old', 'https://lookaside.fbsbx.com/fresh']


def test_link_to_a_foreign_host_is_asked_for_anew():
    assert fetch(Meta(ForeignHostError('x'), CONTENT), wanted(url='https://evil.example')) == CONTENT


def test_a_second_refusal_is_the_last_word():
    meta = Meta(UnexpectedAnswerError('Not found', 404), UnexpectedAnswerError('Not found', 404))
    assert problem_of(meta, url='https://old') is Problem.GONE
    assert len(meta.urls) == 2


@pytest.mark.parametrize(
    ('error', 'problem'),
    [
        (MediaTooLargeError('large', 200), Problem.TOO_LARGE),
        (NotSentError('no route'), Problem.UNREACHABLE),
        (OutcomeUnknownError('broke'), Problem.UNREACHABLE),
        (SettingsError('no token'), Problem.SETTINGS),
        (UnexpectedAnswerError('HTML', 500), Problem.REFUSED),
    ],
)
def test_trouble_has_a_name_at_once(error, problem):
    meta = Meta(error)
    assert problem_of(meta) is problem
    assert len(meta.urls) == 1


@pytest.mark.parametrize(
    ('error', 'problem'),
    [
        (ApiError(190, 'expired', http_status=401), Problem.REFUSED),
        (ApiError(100, 'unknown', subcode=33, http_status=400), Problem.GONE),
        (ForeignHostError('evil'), Problem.FOREIGN),
    ],
)
def test_trouble_after_a_fresh_link_has_a_name(error, problem):
    assert problem_of(Meta(error, error)) is problem


# --- Contents ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize('text', [SUM.hexdigest(), base64.b64encode(SUM.digest()).decode(), '', 'no sum at all'])
def test_right_sum_in_either_spelling_or_none_is_fine(text):
    assert fetch(Meta(CONTENT, sha256=text), wanted(sha256=text)) == CONTENT


@pytest.mark.parametrize('described', [{'sha256': 'a' * 64}, {'file_size': 5}, {'file_size': '5'}])
def test_other_content_than_described_is_damaged(described):
    assert problem_of(Meta(CONTENT, **described)) is Problem.DAMAGED


def test_other_content_than_the_webhook_told_is_damaged():
    wrong = base64.b64encode(hashlib.sha256(b'other').digest()).decode()
    assert problem_of(Meta(CONTENT), sha256=wrong) is Problem.DAMAGED


def test_nothing_is_empty():
    assert problem_of(Meta(b'')) is Problem.EMPTY


def test_what_is_announced_as_too_large_is_not_even_asked_for():
    meta = Meta(CONTENT, file_size=100 * 1024 * 1024 + 1)
    assert problem_of(meta) is Problem.TOO_LARGE
    assert meta.urls == []


# --- Types ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ('content', 'mime_type'),
    [
        (b'OggS\x00\x02', 'audio/ogg'),
        (b'#!AMR\n', 'audio/amr'),
        (b'\xff\xf1\x50', 'audio/aac'),
        (b'ID3\x03', 'audio/mpeg'),
        (b'\xff\xfb\x90', 'audio/mpeg'),
        (b'\x00\x00\x00\x18ftypmp42', 'video/mp4'),
        (b'\x00\x00\x00\x18ftyp3gp4', 'video/3gpp'),
        (b'\x00\x00\x00\x18ftypM4A ', 'audio/mp4'),
        (b'RIFF\x24\x00\x00\x00WEBPVP8 ', 'image/webp'),
        (b'RIFF\x24\x00\x00\x00WAVE', 'audio/wav'),
    ],
)
def test_sound_and_film_are_known_by_how_they_begin(content, mime_type):
    assert detect(content, lambda _content: OCTETS) == mime_type


def test_everything_else_is_for_the_caller_to_guess():
    assert detect(b'%PDF-1.4', lambda _content: 'application/PDF') == 'application/pdf'


@pytest.mark.parametrize(
    ('kind', 'told', 'found', 'kept'),
    [
        ('image', 'image/jpeg', 'image/png', 'image/png'),
        ('image', 'image/jpeg', 'text/html', ''),
        ('image', 'image/jpeg', 'image/svg+xml', ''),
        ('sticker', 'image/webp', 'image/webp', 'image/webp'),
        ('voice', 'audio/ogg', 'audio/ogg', 'audio/ogg'),
        ('voice', 'audio/ogg', OCTETS, ''),
        ('audio', 'audio/mp4', 'video/mp4', 'audio/mp4'),
        ('video', 'video/mp4', 'video/mp4', 'video/mp4'),
        ('video', 'video/mp4', 'application/x-dosexec', ''),
        ('document', 'application/pdf', 'application/pdf', 'application/pdf'),
        ('document', 'application/pdf', 'text/html', ''),
        ('document', 'text/csv', 'text/plain', 'text/plain'),
        ('document', '', OCTETS, OCTETS),
    ],
)
def test_a_file_must_be_what_it_was_said_to_be(kind, told, found, kept):
    assert agree(kind, told, found) == kept


# --- Names ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ('name', 'mime_type', 'result'),
    [
        ('contrat-signé.pdf', 'application/pdf', 'contrat-signé.pdf'),
        ('../../etc/passwd', 'application/pdf', 'passwd.pdf'),
        ('C:\\Windows\\system.ini', 'text/plain', 'system.ini'),
        ('photo.jpg', 'image/png', 'photo.png'),
        ('invoice.pdf.exe', 'application/pdf', 'invoice.pdf'),
        ('invoice\u202efdp.exe', 'application/pdf', 'invoicefdp.pdf'),
        ('a\x00b\nc.txt', 'text/plain', 'abc.txt'),
        ('list.csv', 'text/plain', 'list.csv'),
        ('<b>"x"</b>?.pdf', 'application/pdf', 'b.pdf'),
        ('....', 'image/jpeg', 'Picture.jpg'),
        ('', 'audio/ogg', 'Picture.ogg'),
        ('مرحبا.pdf', 'application/pdf', 'مرحبا.pdf'),
        ('x' * 300 + '.pdf', 'application/pdf', 'x' * 100 + '.pdf'),
        ('blob', OCTETS, 'blob.bin'),
    ],
)
def test_names_do_no_harm(name, mime_type, result):
    assert file_name(name, 'Picture', mime_type) == result
