{
    'name': 'Bare Route',
    'summary': 'What a request costs in Odoo before anything is done with it; for the bench of webhooks only',
    'version': '19.0.1.0.0',
    'license': 'LGPL-3',
    'author': 'FluxForce',
    'depends': ['web'],
    'installable': True,
}
