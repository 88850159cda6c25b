{
    'name': 'FluxForce WhatsApp Marketing',
    'summary': 'WhatsApp campaigns that ask first, go slowly and show what came back',
    'version': '19.0.1.0.0',
    'category': 'Marketing/WhatsApp',
    'author': 'FluxForce',
    'license': 'LGPL-3',
    'depends': ['fluxforce_whatsapp', 'utm'],
    'data': [],
}
