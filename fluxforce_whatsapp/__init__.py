from . import controllers, models, wizards


def uninstall_hook(env):
    """Take the templates' entries out of the Actions menus: they are nobody's data, and would open nothing any more."""
    env['fluxforce.whatsapp.template'].with_context(active_test=False).search([]).menu_action_id.unlink()
