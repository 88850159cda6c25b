import { openComposer } from "@fluxforce_whatsapp/composer/open_composer";
import { _t } from "@web/core/l10n/translation";
import { useService } from "@web/core/utils/hooks";
import { Component, status } from "@odoo/owl";

export class WhatsappButton extends Component {
    static template = "fluxforce_whatsapp.WhatsappButton";
    static props = ["record"];

    setup() {
        this.action = useService("action");
        this.title = _t("Send WhatsApp");
    }

    async onClick() {
        const { record } = this.props;
        if (await record.save()) {
            await openComposer(this.action, record.resModel, record.resId, () => {
                if (status(this) !== "destroyed") {
                    record.load();
                }
            });
        }
    }
}
