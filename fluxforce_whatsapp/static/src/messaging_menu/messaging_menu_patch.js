import { MessagingMenu } from "@mail/core/public_web/messaging_menu";
import { _t } from "@web/core/l10n/translation";
import { patch } from "@web/core/utils/patch";

patch(MessagingMenu.prototype, {
    /** Core's SMS opens everything but e-mail as "SMS Failures": ours has to be taken out before it gets there. */
    openFailureView(failure) {
        if (failure.type !== "whatsapp") {
            return super.openFailureView(failure);
        }
        this.env.services.action.doAction("fluxforce_whatsapp.fluxforce_whatsapp_failure_action");
        this.dropdown.close();
    },
    getFailureNotificationName(failure) {
        if (failure.type === "whatsapp") {
            return _t("WhatsApp Failure: %(modelName)s", { modelName: failure.modelName });
        }
        return super.getFailureNotificationName(...arguments);
    },
});
