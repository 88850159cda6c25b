import { patch } from "@web/core/utils/patch";
import { session } from "@web/session";
import { PhoneField } from "@web/views/fields/phone/phone_field";
import { WhatsappButton } from "./whatsapp_button";

PhoneField.components = { ...PhoneField.components, WhatsappButton };

patch(PhoneField.prototype, {
    /** The server names, only to who may send, the numbers people are written to on. */
    get hasWhatsappButton() {
        const { name, record } = this.props;
        return Boolean(
            record.data[name] && session.whatsapp_models?.[record.resModel]?.includes(name)
        );
    },
});
