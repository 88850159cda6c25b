"""Tables of people from files as they are found in offices."""

import io

import openpyxl
import pytest
from sheets import MAX_BYTES, Row, SheetError, read_people


def workbook(*rows):
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def problem(content):
    with pytest.raises(SheetError) as caught:
        read_people(content)
    return caught.value.code


@pytest.mark.parametrize('delimiter', [',', ';', '\t', '|'])
def test_whatever_stands_between_the_columns(delimiter):
    text = delimiter.join(['Name', 'Phone', 'Email']) + '\n' + delimiter.join(['Ana', '+44 1', 'a@example.com'])
    assert read_people(text.encode()) == [Row(2, '+44 1', 'Ana', 'a@example.com', '')]


@pytest.mark.parametrize('encoding', ['utf-8', 'utf-8-sig', 'cp1252', 'utf-16'])
def test_whatever_the_encoding(encoding):
    assert read_people('Teléfono,Nombre\n1,Núñez\n'.encode(encoding)) == [Row(2, '1', 'Núñez', '', '')]


def test_lines_are_counted_as_the_spreadsheet_does():
    rows = read_people(b'phone,name\r\n1,"two\nlines"\r\n\r\n2,Ben\r\n')
    assert [(row.line, row.phone) for row in rows] == [(2, '1'), (5, '2')]


def test_short_rows_and_unknown_columns_do_no_harm():
    assert read_people(b'id,phone,name\n7,1\n8\n') == [Row(2, '1', '', '', ''), Row(3, '', '', '', '')]


def test_a_spreadsheet_with_numbers_as_amounts():
    content = workbook(['Phone', 'Name'], [447400123001.0, 'Ana'], [447400123002, None], [None, None])
    assert read_people(content) == [Row(2, '447400123001', 'Ana', '', ''), Row(3, '447400123002', '', '', '')]


@pytest.mark.parametrize(('content', 'code'), [
    (b'', 'empty'),
    (b'\n\n', 'empty'),
    (b'name,email\nAna,a@example.com', 'no_phone_column'),
    (b'PK\x03\x04 not really', 'unreadable'),
    (b'\x89PNG\x00\x00\x00', 'unreadable'),
    (b'x' * (MAX_BYTES + 1), 'too_large'),
    (b'phone\n' + b'"' + b'1' * 200_000, 'unreadable'),
])
def test_what_is_no_table_of_people(content, code):
    assert problem(content) == code


def test_five_megabytes_are_read():
    line = b'+44 7400 123001,Ana Costa,ana@example.com\n'
    content = b'phone,name,email\n' + line * ((MAX_BYTES - 20) // len(line))
    assert len(read_people(content)) > 100_000
