import { patch } from "@web/core/utils/patch";
import { useService } from "@web/core/utils/hooks";
import { PhoneField } from "@web/views/fields/phone/phone_field";

import { isWrittenTo } from "../core/whatsapp_models";

patch(PhoneField.prototype, {
    setup() {
        super.setup(...arguments);
        this.whatsappAction = useService("action");
    },

    get hasWhatsappButton() {
        const { record, name } = this.props;
        return isWrittenTo(record.resModel) && Boolean(record.data[name]);
    },

    async onClickWhatsapp() {
        const { record } = this.props;
        if (!(await record.save())) {
            return;
        }
        await this.whatsappAction.doAction(
            {
                type: "ir.actions.act_window",
                res_model: "fluxforce.whatsapp.composer",
                name: "WhatsApp",
                views: [[false, "form"]],
                target: "new",
                context: { default_res_model: record.resModel, default_res_ids: `[${record.resId}]` },
            },
            { onClose: () => record.load() }
        );
    },
});
