import { registry } from "@web/core/registry";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";
import { Component, onMounted, onWillUnmount, xml } from "@odoo/owl";

/** Between two looks, milliseconds. */
const PAUSE = 2000;

/** Reloads the record it stands in while it is shown, so that a progress bar moves. */
export class Live extends Component {
    static template = xml``;
    static props = { ...standardWidgetProps };

    setup() {
        onMounted(() => {
            this.timer = setInterval(() => this.props.record.load(), PAUSE);
        });
        onWillUnmount(() => clearInterval(this.timer));
    }
}

registry.category("view_widgets").add("fluxforce_whatsapp_live", { component: Live });
