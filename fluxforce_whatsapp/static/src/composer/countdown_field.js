import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";
import { Component, onMounted, onWillUnmount, useState } from "@odoo/owl";

const { DateTime } = luxon;

/** Below an hour it is urgent, milliseconds. */
const URGENT = 60 * 60 * 1000;

/** How long it is until a moment, in hours and minutes; the last minute in seconds. */
export class CountdownField extends Component {
    static template = "fluxforce_whatsapp.CountdownField";
    static props = { ...standardFieldProps };

    setup() {
        this.state = useState({ now: DateTime.now() });
        onMounted(() => {
            this.timer = setInterval(() => (this.state.now = DateTime.now()), 1000);
        });
        onWillUnmount(() => clearInterval(this.timer));
    }

    get left() {
        const moment = this.props.record.data[this.props.name];
        return moment ? Math.max(moment.toMillis() - this.state.now.toMillis(), 0) : 0;
    }

    get isUrgent() {
        return this.left < URGENT;
    }

    get words() {
        const minutes = Math.floor(this.left / 60000);
        if (!this.left) {
            return _t("The conversation has closed. Send a template.");
        }
        if (!minutes) {
            return _t("The conversation closes in %(seconds)s s.", { seconds: Math.floor(this.left / 1000) });
        }
        if (minutes < 60) {
            return _t("The conversation closes in %(minutes)s min.", { minutes });
        }
        return _t("The conversation closes in %(hours)s h %(minutes)s min.", {
            hours: Math.floor(minutes / 60),
            minutes: minutes % 60,
        });
    }
}

registry.category("fields").add("fluxforce_whatsapp_countdown", {
    component: CountdownField,
    supportedTypes: ["datetime"],
});
