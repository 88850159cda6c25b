/**
 * Opens the dialog in which a message to the people of one record is written.
 *
 * @param {Object} action the action service
 * @param {string} resModel
 * @param {number} resId
 * @param {Function} onClose
 */
export function openComposer(action, resModel, resId, onClose) {
    return action.doAction(
        {
            type: "ir.actions.act_window",
            res_model: "fluxforce.whatsapp.composer",
            name: "WhatsApp",
            views: [[false, "form"]],
            target: "new",
            context: { default_res_model: resModel, default_res_ids: `[${resId}]` },
        },
        { onClose }
    );
}
