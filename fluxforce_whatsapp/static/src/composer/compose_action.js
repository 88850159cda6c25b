import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";

/**
 * Opens a composer that the server has prepared. What was selected in a list stays behind: its ids would go along with
 * every request of the dialog.
 */
registry.category("actions").add("fluxforce_whatsapp_compose", async (env, { params }, options) => {
    await env.services.action.doAction(
        {
            type: "ir.actions.act_window",
            name: _t("Send WhatsApp"),
            res_model: "fluxforce.whatsapp.composer",
            res_id: params.composer_id,
            views: [[false, "form"]],
            target: "new",
        },
        { onClose: options.onClose }
    );
});
