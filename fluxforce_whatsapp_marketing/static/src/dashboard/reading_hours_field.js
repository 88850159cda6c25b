import { Component } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";
import { ReadingHeatmap } from "./reading_heatmap";

/** The hours at which the people of one campaign or mailing read. */
export class ReadingHoursField extends Component {
    static template = "fluxforce_whatsapp_marketing.ReadingHoursField";
    static components = { ReadingHeatmap };
    static props = { ...standardFieldProps };

    get hours() {
        return this.props.record.data[this.props.name] || [];
    }
}

export const readingHoursField = {
    component: ReadingHoursField,
    supportedTypes: ["json"],
};

registry.category("fields").add("fluxforce_reading_hours", readingHoursField);
