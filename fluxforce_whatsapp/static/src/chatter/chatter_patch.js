import { Chatter } from "@mail/chatter/web_portal/chatter";
import { patch } from "@web/core/utils/patch";
import { useService } from "@web/core/utils/hooks";

import { isWrittenTo } from "../core/whatsapp_models";

patch(Chatter.prototype, {
    setup() {
        super.setup(...arguments);
        this.whatsappAction = useService("action");
    },

    get hasWhatsappButton() {
        return isWrittenTo(this.props.threadModel);
    },

    async onClickWhatsapp() {
        const open = () =>
            this.whatsappAction.doAction(
                {
                    type: "ir.actions.act_window",
                    res_model: "fluxforce.whatsapp.composer",
                    name: "WhatsApp",
                    views: [[false, "form"]],
                    target: "new",
                    context: {
                        default_res_model: this.props.threadModel,
                        default_res_ids: `[${this.props.threadId}]`,
                    },
                },
                { onClose: () => this.load(this.state.thread, ["messages"]) }
            );
        if (this.props.threadId) {
            return open();
        }
        if (await this.props.saveRecord?.()) {
            open();
        }
    },
});
