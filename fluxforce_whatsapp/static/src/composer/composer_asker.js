import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";
import { Component, useEffect, xml } from "@odoo/owl";

/** After the last key, milliseconds. */
const PAUSE = 400;

/** Has the server find out what will happen to many people, whenever the message has changed. */
export class ComposerAsker extends Component {
    static template = xml``;
    static props = { ...standardWidgetProps };

    setup() {
        this.orm = useService("orm");
        useEffect(
            (wanted) => {
                if (wanted) {
                    const timer = setTimeout(() => this.ask(), PAUSE);
                    return () => clearTimeout(timer);
                }
            },
            () => [this.wanted]
        );
    }

    /** What is to be asked about, false if that is known. */
    get wanted() {
        const { is_large, mode, template_id, fingerprint, told_for } = this.props.record.data;
        return is_large && mode === "template" && template_id && fingerprint !== told_for && fingerprint;
    }

    async ask() {
        const { record } = this.props;
        if (!(await record.save())) {
            return;
        }
        await this.orm.call(record.resModel, "ask", [[record.resId]]);
        // Both bring what was found out; loading alone would undo what was changed meanwhile.
        if (await record.isDirty()) {
            await record.save();
        } else {
            await record.load();
        }
    }
}

registry.category("view_widgets").add("fluxforce_whatsapp_composer_asker", {
    component: ComposerAsker,
    fieldDependencies: [
        { name: "is_large", type: "boolean" },
        { name: "mode", type: "selection" },
        { name: "template_id", type: "many2one", relation: "fluxforce.whatsapp.template" },
        { name: "fingerprint", type: "char" },
        { name: "told_for", type: "char" },
    ],
});
