import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";
import { Component, onWillStart, useEffect, xml } from "@odoo/owl";

/** After the last key, milliseconds. */
const PAUSE = 800;
const KEPT = [
    "mode",
    "template_id",
    "number_id",
    "in_own_language",
    "answer_kind",
    "text",
    "footer",
    "list_label",
    "latitude",
    "longitude",
    "place",
    "address",
    "contact_id",
];

/** Keeps what is being written, so that a wrong click does not lose it. */
export class ComposerKeeper extends Component {
    static template = xml``;
    static props = { ...standardWidgetProps };

    setup() {
        this.orm = useService("orm");
        onWillStart(() => {
            this.kept = this.content;
        });
        useEffect(
            (content) => {
                if (content !== this.kept) {
                    const timer = setTimeout(() => this.keep(content), PAUSE);
                    return () => clearTimeout(timer);
                }
            },
            () => [this.content]
        );
    }

    /** What is kept, as text, so that it can be compared. */
    get content() {
        const { data } = this.props.record;
        const content = {};
        for (const name of KEPT.filter((name) => name in data)) {
            content[name] = data[name]?.id ?? data[name];
        }
        content.values = {};
        for (const { data: line } of data.value_ids?.records || []) {
            if (line.value) {
                content.values[line.variable_id.id] = line.value;
            }
        }
        return JSON.stringify(content);
    }

    async keep(content) {
        this.kept = content;
        const { resId, resModel, data } = this.props.record;
        const document = resId ? { id: resId } : { res_model: data.res_model, res_ids: data.res_ids };
        await this.orm.silent.call(resModel, "remember", [document, JSON.parse(content)]);
    }
}

registry.category("view_widgets").add("fluxforce_whatsapp_composer_keeper", { component: ComposerKeeper });
