"""Odoo's command line as a file.

Its prefork server starts the process for the live bus by this file's name; with ``python -m odoo`` that fails, and is
tried again without end. In a folder of its own, where nothing else is called odoo.
"""
from odoo.cli.command import main

if __name__ == '__main__':
    main()
