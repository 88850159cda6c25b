import { Chatter } from "@mail/chatter/web_portal/chatter";
import { user } from "@web/core/user";
import { patch } from "@web/core/utils/patch";
import { useService } from "@web/core/utils/hooks";
import { onWillStart } from "@odoo/owl";

patch(Chatter.prototype, {
    setup() {
        super.setup(...arguments);
        this.whatsappAction = useService("action");
        onWillStart(async () => {
            this.canSendWhatsapp = await user.hasGroup("fluxforce_whatsapp.group_whatsapp_user");
        });
    },

    /** Templates are made for contacts in this version; other documents follow with their own templates. */
    get hasWhatsappButton() {
        return this.canSendWhatsapp && this.props.threadModel === "res.partner";
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
