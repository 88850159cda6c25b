import { Notification } from "@mail/core/common/notification_model";
import { _t } from "@web/core/l10n/translation";
import { patch } from "@web/core/utils/patch";

patch(Notification.prototype, {
    /** Why the message failed or waits, in the reader's language; from the server. */
    whatsapp_explanation: "",
    whatsapp_number: "",

    get isWhatsapp() {
        return this.notification_type === "whatsapp";
    },
    get failureMessage() {
        if (this.isWhatsapp) {
            return this.whatsapp_explanation || _t("The message failed");
        }
        return super.failureMessage;
    },
    get icon() {
        // Also for what a person wrote on WhatsApp, by whatever way colleagues are told of it; that an e-mail to them
        // failed is no failure of WhatsApp's.
        const cameByWhatsapp = this.mail_message_id?.message_type === "whatsapp_message";
        return this.isWhatsapp || (cameByWhatsapp && !this.isFailure) ? "fa fa-whatsapp" : super.icon;
    },
    get label() {
        return this.isWhatsapp ? _t("WhatsApp") : super.label;
    },
    get statusIcon() {
        if (this.notification_status === "read") {
            return "fa fa-check text-info";
        }
        return super.statusIcon;
    },
    get statusTitle() {
        if (this.notification_status === "read") {
            return _t("Read");
        }
        if (this.isWhatsapp && this.notification_status === "exception") {
            return _t("Not delivered");
        }
        return super.statusTitle;
    },
    /** Icons of the ticks, one class each; see whatsapp_ticks.xml. */
    get whatsappTicks() {
        switch (this.notification_status) {
            case "ready":
            case "process":
                return ["fa-clock-o"];
            case "pending":
                return ["fa-check"];
            case "sent":
            case "read":
                return ["fa-check", "fa-check"];
            case "exception":
            case "bounce":
                return ["fa-exclamation-circle"];
            default:
                return ["fa-ban"];
        }
    },
});
