import { Component } from "@odoo/owl";

import { Dropdown } from "@web/core/dropdown/dropdown";
import { DropdownItem } from "@web/core/dropdown/dropdown_item";

/** A place in the flow: a button that adds a step there; while a step is moved it is where that can be put. */
export class FlowPlace extends Component {
    static template = "fluxforce_whatsapp_marketing.FlowPlace";
    static components = { Dropdown, DropdownItem };
    static props = {
        place: { type: Object, shape: { parentId: [Number, Boolean], aboveId: [Number, Boolean] } },
        types: Array,
        label: String,
        isTarget: { type: Boolean, optional: true }, // something may be put here now
        isChosen: { type: Boolean, optional: true },
        isReachable: { type: Boolean, optional: true }, // with the tab key
        isBranch: { type: Boolean, optional: true }, // others stand there already
        isWide: { type: Boolean, optional: true }, // the only thing to see
        onAdd: Function,
        onPut: Function,
    };

    get attributes() {
        const { parentId, aboveId } = this.props.place;
        return {
            "data-parent-id": parentId || 0,
            "data-above-id": aboveId || 0,
            tabindex: this.props.isReachable || this.props.isWide ? 0 : -1,
            "aria-label": this.props.label,
            title: this.props.label,
        };
    }
}
