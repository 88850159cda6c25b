import { serializeDateTime } from "@web/core/l10n/dates";
import { registry } from "@web/core/registry";
import { useBus } from "@web/core/utils/hooks";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";
import { Component, onWillStart, onWillUnmount, status, useEffect, xml } from "@odoo/owl";

/** After the last key, milliseconds: until what is typed is shown on the phone, and until it is kept. */
const SHOW_PAUSE = 500;
const KEEP_PAUSE = 800;
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

/** Shows what is being written while it is written, and keeps it, so that a wrong click does not lose it. */
export class ComposerKeeper extends Component {
    static template = xml``;
    static props = { ...standardWidgetProps };

    setup() {
        // Not as a hook: the last words are kept after the composer has closed.
        this.orm = this.env.services.orm;
        const { bus } = this.props.record.model;
        // Fields tell the form what was typed only when they are left.
        useBus(bus, "FIELD_IS_DIRTY", ({ detail: isDirty }) => {
            clearTimeout(this.typing);
            if (isDirty) {
                this.typing = setTimeout(() => bus.trigger("NEED_LOCAL_CHANGES", { proms: [] }), SHOW_PAUSE);
            }
        });
        onWillStart(() => {
            this.kept = this.content;
        });
        useEffect(
            (content) => {
                if (content !== this.kept) {
                    const timer = setTimeout(() => this.keep(content), KEEP_PAUSE);
                    return () => clearTimeout(timer);
                }
            },
            () => [this.content]
        );
        onWillUnmount(() => {
            clearTimeout(this.typing);
            // A click that closes the composer may come sooner. What is saved was on its way when it closed.
            if (!this.props.record.resId && this.content !== this.kept) {
                this.keep(this.content);
            }
        });
    }

    /** What is kept, as text, so that it can be compared. */
    get content() {
        const { data } = this.props.record;
        const content = {};
        for (const name of KEPT.filter((name) => name in data)) {
            content[name] = data[name]?.id ?? data[name];
        }
        content.send_at = data.send_at ? serializeDateTime(data.send_at) : false;
        content.attachment_ids = data.attachment_ids?.currentIds || [];
        content.options = (data.option_ids?.records || [])
            .map(({ data: option }) => [option.title || "", option.description || ""])
            .filter(([title, description]) => title || description);
        content.values = {};
        for (const { data: line } of data.value_ids?.records || []) {
            if (line.value) {
                content.values[line.variable_id.id] = line.value;
            }
        }
        return JSON.stringify(content);
    }

    keep(content) {
        this.kept = content;
        // One after the other, however slow the server is: else two would begin at once.
        const send = () => this.send(content);
        this.keeping = Promise.resolve(this.keeping).then(send, send);
        return this.keeping;
    }

    async send(content) {
        const { record } = this.props;
        const { resId, resModel, data } = record;
        const document = resId ? { id: resId } : { res_model: data.res_model, res_ids: data.res_ids };
        const isKept = await this.orm.silent.call(resModel, "remember", [document, JSON.parse(content)]);
        // Who writes to a few saves when sending: a change would leave unsaved what is sent.
        const isBeingSent = record.resId && record.data.is_large === false;
        if (isKept && !isBeingSent && status(this) !== "destroyed" && record.data.begun_anew === false) {
            // What was begun before is replaced: it is offered no more.
            await record.update({ begun_anew: true });
        }
    }
}

registry.category("view_widgets").add("fluxforce_whatsapp_composer_keeper", { component: ComposerKeeper });
