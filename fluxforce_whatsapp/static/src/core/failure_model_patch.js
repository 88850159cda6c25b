import { Failure } from "@mail/core/common/failure_model";
import { _t } from "@web/core/l10n/translation";
import { patch } from "@web/core/utils/patch";

patch(Failure.prototype, {
    get iconSrc() {
        if (this.type === "whatsapp") {
            return "/fluxforce_whatsapp/static/src/img/whatsapp_failure.svg";
        }
        return super.iconSrc;
    },
    get body() {
        if (this.type !== "whatsapp") {
            return super.body;
        }
        if (this.notifications.length === 1 && this.lastMessage?.thread) {
            return _t("A WhatsApp message to “%(record_name)s” failed", {
                record_name: this.lastMessage.thread.display_name,
            });
        }
        return _t("WhatsApp messages failed");
    },
});
