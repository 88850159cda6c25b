import { Component } from "@odoo/owl";

import { Dropdown } from "@web/core/dropdown/dropdown";
import { DropdownItem } from "@web/core/dropdown/dropdown_item";

/** One step: what it does, in a sentence, and how many are where in it. */
export class FlowStep extends Component {
    static template = "fluxforce_whatsapp_marketing.FlowStep";
    static components = { Dropdown, DropdownItem };
    static props = {
        node: Object,
        type: Object,
        isFocused: Boolean,
        isMoved: Boolean,
        mayEdit: Boolean,
        onOpen: Function,
        onMove: Function,
        onCopy: Function,
        onRemove: Function,
        onFigure: Function,
        onFocus: Function,
    };

    get step() {
        return this.props.node.step;
    }

    /** What a screen reader says: how it follows, what it is, what is wrong with it. */
    get label() {
        const { branch, name, summary, problem } = this.step;
        return [branch, this.props.type.label, name, summary, problem].filter(Boolean).join(". ");
    }
}
