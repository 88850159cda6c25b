"""Files in what is sent: where they stand, whether Meta takes them, and the id under which Meta has them.

Until a file is at Meta a value names it by our own means: ``{'attachment': id, 'checksum': …, 'filename': …}``, or
``{'report': id}`` for one that is printed first. What cannot be had says so: ``{'problem': words}``.
"""

from dataclasses import dataclass

from . import const
from .crew import Crew

#: Stands for the id that a file will have, where only the form of a message is looked at.
LATER = 'later'


@dataclass(frozen=True)
class Unfit:
    """Why Meta would not take a file.

    :ivar str code: ``empty``, ``too_large`` or ``wrong_type``
    :ivar int most: bytes that Meta takes
    """

    code: str
    most: int = 0


def unfit(kind, mime_type, size, in_header=False):
    """Judge a file by what Meta takes [M26:media].

    :param str kind: of message or header: ``image``, ``video``, ``audio``, ``document``, ``sticker``
    :param str mime_type: of the content
    :param int size: bytes
    :param bool in_header: whether it is for the header of a template, where a document is a PDF
    :rtype: Unfit | None
    """
    types, most = const.OUTGOING_MEDIA[kind]
    if in_header and kind == 'document':
        types = {const.HEADER_DOCUMENT}
    if not size:
        return Unfit('empty', most)
    if mime_type not in types:
        return Unfit('wrong_type', most)
    return Unfit('too_large', most) if size > most else None


def kind_of(mime_type):
    """:return: the kind of message that carries a file: picture, film, sound, else a document. :rtype: str"""
    return next((kind for kind in ('image', 'video', 'audio') if mime_type in const.OUTGOING_MEDIA[kind][0]),
                'document')


# --- Where files stand ---------------------------------------------------------------------------------------------


def files(values):
    """List the files of a message that are not at Meta by an id or a link of their own.

    :param dict values: of a template by variable key, or the content of a message without one
    :rtype: list[tuple[str, dict]]
    :return: (kind if the values tell it, else ''; the file)
    """
    if not _has_parts(values):
        return []
    return [(kind, holder[name]) for kind, holder, name in _places(values)]


def replaced(values, change):
    """Put something else in the place of our own files.

    :param dict values: as for :func:`files`, left as they are
    :param change: function of a file, returns what stands there instead
    :rtype: dict
    """
    if not files(values):
        return values or {}
    return {name: _replaced(part, change) for name, part in values.items()}


def assumed(values):
    """:return: the values as if all files were at Meta already; those with a problem are left out. :rtype: dict"""
    if not _has_parts(values):
        return values or {}
    return {name: part for name, part in replaced(values, lambda file: _at_meta(file, LATER)).items()
            if not (isinstance(part, dict) and 'problem' in part)}


def with_ids(values, ids):
    """:param dict ids: Meta's ids by checksum. :return: the values with them. :raise KeyError: one is not there"""
    return replaced(values, lambda file: _at_meta(file, ids[file['checksum']]))


def _at_meta(file, media_id):
    """What Meta is told of a file, with what the message says about it: caption, name, whether it is a voice note."""
    kept = {name: file[name] for name in ('caption', 'filename', 'voice') if file.get(name)}
    return {'id': media_id, **kept}


def _has_parts(values):
    """Most messages are words alone, and this is asked about each of them."""
    return bool(values) and any(isinstance(part, dict) for part in values.values())


def _is_ours(part):
    return isinstance(part, dict) and ('attachment' in part or 'report' in part)


def _places(values):
    """Yield (kind, the dict that holds the file, the name there). Texts and data of a form are never looked into."""
    kind = values.get('type')
    if kind in const.OUTGOING_MEDIA:
        yield from _place(kind, values, kind)
    elif kind == 'interactive' and isinstance(values.get(kind), dict):
        header = values[kind].get('header')
        if isinstance(header, dict):
            yield from _place(header.get('type'), header, header.get('type'))
    elif not isinstance(kind, str):
        for name in values:
            if name == 'header:media' or name.endswith(':header:media'):
                yield from _place('', values, name)


def _place(kind, holder, name):
    if _is_ours(holder.get(name)):
        yield kind, holder, name


def _replaced(part, change):
    if _is_ours(part):
        return change(part)
    if isinstance(part, dict):
        # Of a content only the header holds a file deeper inside.
        header = part.get('header')
        if isinstance(header, dict):
            return {**part, 'header': {name: _replaced(inner, change) for name, inner in header.items()}}
    return part


# --- Uploading -----------------------------------------------------------------------------------------------------


def tells_of_file(error):
    """Tell whether Meta refused a message because it has not, or cannot use, the file of it.

    :param ApiError error: of a send
    :rtype: bool
    """
    if error.code in const.ERRORS_OF_MEDIA:
        return True
    return error.code == const.ERROR_PARAMETER and 'media' in f'{error.message} {error.details}'.lower()


def upload_all(jobs):
    """Upload files side by side. No database is touched.

    :param list jobs: with ``id``, ``client``, ``phone_number_id``, ``content``, ``mime_type``, ``filename``; the
        clients are closed in the end
    :return: (id, Meta's id or the exception) of each
    :rtype: list[tuple]
    """
    outcomes, crew = [], Crew('whatsapp-upload')
    if crew.grow_to(len(jobs)) or len(crew):
        for job in jobs:
            crew.give(_upload, job, outcomes)
        crew.dismiss()
    else:  # the system gives no thread at all
        for job in jobs:
            _upload(job, outcomes)
    for client in {id(job.client): job.client for job in jobs}.values():
        client.close()
    return outcomes


def _upload(job, outcomes):
    try:
        outcome = job.client.upload_media(job.phone_number_id, job.content, job.mime_type, job.filename)
    except Exception as error:  # noqa: BLE001  whatever it was, it is this file's trouble and no other's
        outcome = error
    outcomes.append((job.id, outcome))


# --- What a message without a template says ------------------------------------------------------------------------


def words(content):
    """Say in a few words what a message without a template is about, for lists and the chatter.

    :param dict content: ``{'type': …}``, see :mod:`free_form`
    :rtype: str
    """
    kind = content.get('type')
    part = content.get(kind)
    if kind == 'contacts':
        names = [card.get('name', {}).get('formatted_name', '') for card in part if isinstance(card, dict)]
        return ', '.join(name for name in names if name)
    if not isinstance(part, dict):
        return ''
    if kind == 'interactive':
        return _interactive_words(part)
    if kind == 'location':
        return ', '.join(str(part[name]) for name in ('name', 'address') if part.get(name)) or (
            f'{part.get("latitude")}, {part.get("longitude")}')
    return part.get({'text': 'body', 'reaction': 'emoji'}.get(kind, 'caption')) or ''


def _interactive_words(part):
    """The text, and below it what can be tapped."""
    action = part.get('action') or {}
    labels = [button.get('reply', {}).get('title') for button in action.get('buttons') or ()]
    labels += [row.get('title') for section in action.get('sections') or () for row in section.get('rows') or ()]
    parameters = action.get('parameters') or {}
    labels += [parameters.get('display_text'), parameters.get('flow_cta')]
    body = (part.get('body') or {}).get('text') or ''
    return '\n'.join([body, *(f'[{label}]' for label in labels if label)])
