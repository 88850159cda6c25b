import { Message } from "@mail/core/common/message_model";
import { patch } from "@web/core/utils/patch";

const NAME_AND_ADDRESS = /^"((?:[^"\\]|\\.)*)" <[^<>]*>$/;

patch(Message.prototype, {
    /** Whoever is no contact has a name only: the address is ours, for the e-mails about it. */
    get authorName() {
        const name = super.authorName;
        if (this.message_type !== "whatsapp_message" || this.author || !name) {
            return name;
        }
        return name.replace(NAME_AND_ADDRESS, (all, quoted) => quoted.replace(/\\(.)/g, "$1"));
    },
});
