import { registry } from "@web/core/registry";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";
import { Component } from "@odoo/owl";

/** Goes from one person's message to the next in the composer's preview. */
export class ComposerBrowser extends Component {
    static template = "fluxforce_whatsapp.ComposerBrowser";
    static props = { ...standardWidgetProps };

    get count() {
        return this.props.record.data.record_count;
    }

    get index() {
        return this.props.record.data.preview_index;
    }

    move(step) {
        return this.props.record.update({ preview_index: (this.index + step + this.count) % this.count });
    }
}

registry.category("view_widgets").add("fluxforce_whatsapp_composer_browser", {
    component: ComposerBrowser,
    fieldDependencies: [
        { name: "record_count", type: "integer" },
        { name: "preview_index", type: "integer", readonly: false },
        { name: "preview_name", type: "char" },
    ],
});
