import { openComposer } from "@fluxforce_whatsapp/composer/open_composer";
import { Chatter } from "@mail/chatter/web_portal/chatter";
import { session } from "@web/session";
import { patch } from "@web/core/utils/patch";
import { useService } from "@web/core/utils/hooks";

patch(Chatter.prototype, {
    setup() {
        super.setup(...arguments);
        this.whatsappAction = useService("action");
    },

    /** The server names the models only to who may send. */
    get hasWhatsappButton() {
        return this.props.threadModel in (session.whatsapp_models ?? {});
    },

    async onClickWhatsapp() {
        // Also of a record that is known already: what counts is the number on the screen, not the one before.
        const saved = this.props.saveRecord ? await this.props.saveRecord() : true;
        if (saved && this.props.threadId) {
            await openComposer(this.whatsappAction, this.props.threadModel, this.props.threadId, () =>
                this.load(this.state.thread, ["messages"])
            );
        }
    },
});
