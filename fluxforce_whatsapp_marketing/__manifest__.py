{
    'name': 'FluxForce WhatsApp Marketing',
    'summary': 'WhatsApp campaigns that ask first, go slowly and show what came back',
    'version': '19.0.1.0.0',
    'category': 'Marketing/WhatsApp',
    'author': 'FluxForce',
    'license': 'LGPL-3',
    'depends': ['fluxforce_whatsapp', 'utm'],
    'data': [
        'security/res_groups.xml',
        'security/ir.model.access.csv',
        'security/ir_rules.xml',
        'data/ir_cron.xml',
        'views/fluxforce_campaign_participant_views.xml',
        'views/fluxforce_campaign_views.xml',
        'views/fluxforce_whatsapp_message_views.xml',
        'views/fluxforce_whatsapp_template_views.xml',
        'views/menus.xml',
    ],
    'demo': [
        'demo/res_users_demo.xml',
    ],
}
