"""Reads a table of people from a CSV or XLSX file, without guessing: the first row names the columns."""
import csv
import io
import zipfile
from dataclasses import dataclass

# Larger files are refused, bytes.
MAX_BYTES = 5 * 1024 * 1024
# What an XLSX file of that size may grow to when it is unpacked: beyond, it is a bomb. (Our own choice.)
MAX_UNPACKED = 40 * MAX_BYTES
ENCODINGS = ('utf-8-sig', 'utf-16', 'cp1252')
DELIMITERS = ',;\t|'
ZIP_MARK = b'PK\x03\x04'
# Headings under which a column is known, in the languages of the addon; compared without case.
COLUMNS = {
    'phone': ('phone', 'mobile', 'number', 'phone number', 'whatsapp', 'teléfono', 'telefono', 'móvil', 'movil',
              'celular', 'número', 'numero'),
    'name': ('name', 'full name', 'contact', 'nombre', 'nombre completo', 'contacto'),
    'email': ('email', 'e-mail', 'mail', 'correo', 'correo electrónico', 'correo electronico'),
    'country': ('country', 'país', 'pais'),
}


class SheetError(Exception):
    """The file cannot be read as a table.

    :ivar code: ``too_large``, ``unreadable``, ``empty`` or ``no_phone_column``
    """

    def __init__(self, code):
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Row:
    """One person of the file; texts are '' where the file says nothing.

    :ivar line: as the spreadsheet counts it, the headings are line 1
    """

    line: int
    phone: str
    name: str
    email: str
    country: str


def read_people(content):
    """Read all rows that are not empty.

    :param bytes content: of the file
    :rtype: list[Row]
    :raise SheetError: if it is too large, no table, empty or has no column with numbers
    """
    if len(content) > MAX_BYTES:
        raise SheetError('too_large')
    lines = _read_xlsx(content) if content.startswith(ZIP_MARK) else _read_csv(content)
    first, headings = next(((line, cells) for line, cells in lines if any(cells)), (0, None))
    if headings is None:
        raise SheetError('empty')
    places = _places(headings)
    if 'phone' not in places:
        raise SheetError('no_phone_column')
    return [_to_row(line, cells, places) for line, cells in lines if line > first and any(cells)]


def _places(headings):
    """:return: by column, its place in the file."""
    known = {heading: column for column, headings in COLUMNS.items() for heading in headings}
    places = {}
    for place, heading in enumerate(headings):
        column = known.get(heading.strip().lower())
        if column:
            places.setdefault(column, place)
    return places


def _to_row(line, cells, places):
    texts = {column: cells[place] if place < len(cells) else '' for column, place in places.items()}
    return Row(line, *[texts.get(column, '') for column in ('phone', 'name', 'email', 'country')])


def _read_csv(content):
    """:return: list of (line, cells)."""
    text = _decode(content)
    delimiter = max(DELIMITERS, key=text.partition('\n')[0].count)
    reader = csv.reader(io.StringIO(text, newline=''), delimiter=delimiter)
    lines, line = [], 1
    try:
        for cells in reader:
            lines.append((line, [cell.strip() for cell in cells]))
            line = reader.line_num + 1
    except csv.Error as error:
        raise SheetError('unreadable') from error
    return lines


def _decode(content):
    if b'\x00' in content and not content.startswith((b'\xff\xfe', b'\xfe\xff')):
        raise SheetError('unreadable')
    for encoding in ENCODINGS:
        if encoding == 'utf-16' and not content.startswith((b'\xff\xfe', b'\xfe\xff')):
            continue
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    return content.decode('latin-1')


def _read_xlsx(content):
    """:return: list of (line, cells) of the first sheet."""
    import openpyxl  # noqa: PLC0415  slow to import, and only few files need it

    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > MAX_UNPACKED:
                raise SheetError('too_large')
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        rows = book.worksheets[0].iter_rows(values_only=True)
        return [(line, [_to_text(cell) for cell in cells]) for line, cells in enumerate(rows, 1)]
    except SheetError:
        raise
    except Exception as error:  # whatever a broken file makes of the reader
        raise SheetError('unreadable') from error


def _to_text(cell):
    if cell is None:
        return ''
    # A spreadsheet takes a number without + for an amount.
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell).strip()
