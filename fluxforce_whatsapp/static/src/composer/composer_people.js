import { registry } from "@web/core/registry";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";
import { Component } from "@odoo/owl";

/**
 * Opens the people of one row of the composer's summary. Buttons of rows wait until their form is saved, which a dialog
 * never is: here the form acts for its row.
 */
export class ComposerPeople extends Component {
    static template = "fluxforce_whatsapp.ComposerPeople";
    static props = { ...standardWidgetProps };

    onClick() {
        const { data, model } = this.props.record;
        return this.env.onClickViewButton({
            clickParams: {
                type: "object",
                name: "action_open_people",
                buttonContext: { whatsapp_action: data.action, whatsapp_reason: data.reason || "" },
            },
            getResParams: () => {
                const { context, evalContext, resModel, resId, resIds } = model.root;
                return { context, evalContext, resModel, resId, resIds };
            },
        });
    }
}

registry.category("view_widgets").add("fluxforce_whatsapp_composer_people", { component: ComposerPeople });
