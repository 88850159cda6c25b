import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { EmojisTextField } from "@mail/views/web/fields/emojis_text_field/emojis_text_field";
import { textField } from "@web/views/fields/text/text_field";

const VARIABLE = /\{\{\s*(\w+)\s*\}\}/g;

/** A text with WhatsApp's formatting marks: buttons put them, variables and emoji where the cursor is. */
export class WhatsappTextField extends EmojisTextField {
    static template = "fluxforce_whatsapp.WhatsappTextField";
    static props = { ...EmojisTextField.props, formatField: { type: String, optional: true } };

    setup() {
        super.setup();
        this.marks = [
            { mark: "*", icon: "fa-bold", title: _t("Bold") },
            { mark: "_", icon: "fa-italic", title: _t("Italic") },
            { mark: "~", icon: "fa-strikethrough", title: _t("Struck through") },
        ];
    }

    /** The textarea as a person left it: selection and text. */
    get _textarea() {
        return this.textareaRef.el;
    }

    onClickMark(mark) {
        const { selectionStart: start, selectionEnd: end, value } = this._textarea;
        const chosen = value.slice(start, end);
        const inner = chosen.trim();
        const lead = chosen.length - chosen.trimStart().length;
        const text = chosen.slice(0, lead) + mark + inner + mark + chosen.slice(lead + inner.length);
        this._replace(start, end, text, start + lead + 1, start + lead + 1 + inner.length);
    }

    onClickVariable() {
        const { selectionStart: start, selectionEnd: end, value } = this._textarea;
        const name = this._newName(value, value.slice(start, end));
        this._replace(start, end, `{{${name}}}`, start + 2, start + 2 + name.length);
    }

    /** The next number, or the selected words as a name. */
    _newName(value, chosen) {
        const names = [...value.matchAll(VARIABLE)].map((match) => match[1]);
        if (this.props.record.data[this.props.formatField] === "positional") {
            return String(Math.max(0, ...names.map(Number).filter(Number.isInteger)) + 1);
        }
        const word = chosen
            .normalize("NFD")
            .replace(/[\u0300-\u036f]/g, "")
            .toLowerCase()
            .replace(/[^a-z0-9]+/g, "_")
            .replace(/^[_0-9]+|_+$/g, "");
        const base = word || "variable";
        let name = base;
        for (let number = 2; names.includes(name); number++) {
            name = `${base}_${number}`;
        }
        return name;
    }

    _replace(start, end, text, selectFrom, selectTo) {
        const el = this._textarea;
        el.setRangeText(text, start, end, "end");
        // As typing does: the first makes the field dirty, the second commits it for the checks.
        el.dispatchEvent(new InputEvent("input"));
        el.dispatchEvent(new Event("change"));
        el.focus();
        el.setSelectionRange(selectFrom, selectTo);
    }
}

export const whatsappTextField = {
    ...textField,
    component: WhatsappTextField,
    additionalClasses: [...(textField.additionalClasses || []), "o_field_text"],
    extractProps: (field, dynamicInfo) => ({
        ...textField.extractProps(field, dynamicInfo),
        formatField: field.options.format_field,
    }),
};

registry.category("fields").add("fluxforce_whatsapp_text", whatsappTextField);
