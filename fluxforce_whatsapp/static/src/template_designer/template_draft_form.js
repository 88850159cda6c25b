import { registry } from "@web/core/registry";
import { formView } from "@web/views/form/form_view";
import { FormController } from "@web/views/form/form_controller";

/** Tells the server which version was before the eyes, so that two people do not undo each other's text. */
export class TemplateDraftFormController extends FormController {
    async onWillSaveRecord(record, changes) {
        if (record.resId && Object.keys(changes).length) {
            changes.seen_version = record.data.version;
        }
        return super.onWillSaveRecord(...arguments);
    }
}

registry.category("views").add("fluxforce_whatsapp_template_draft_form", {
    ...formView,
    Controller: TemplateDraftFormController,
});
