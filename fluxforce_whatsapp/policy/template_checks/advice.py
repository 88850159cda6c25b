"""What Meta accepts and reviewers refuse, or what costs money or readers. [M26:template_review; own]"""


def advice(template, others):
    """Yield part, code and details of everything worth a thought."""
    yield from ()
