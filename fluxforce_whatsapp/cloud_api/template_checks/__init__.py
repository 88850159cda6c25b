"""What is wrong with a template before Meta sees it: ``check(spec, others=())``.

``problem`` (what there may be), ``limits`` (Meta's figures), ``reading`` and ``text`` (a spec read), ``head``,
``forms``, ``parts``, ``buttons`` and ``kinds`` (what Meta refuses), ``advice`` and ``words`` (what reviewers refuse).
"""

from .checks import check, errors
from .problem import ADVICE, ERROR, Code, Problem
