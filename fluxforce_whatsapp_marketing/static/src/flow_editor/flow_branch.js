import { Component } from "@odoo/owl";

import { FlowPlace } from "./flow_place";
import { FlowStep } from "./flow_step";

/** A step, and below it the branches that follow. */
export class FlowBranch extends Component {
    static template = "fluxforce_whatsapp_marketing.FlowBranch";
    static components = { FlowPlace, FlowStep };
    static props = {
        node: Object,
        mayEdit: Boolean,
        // Of a node, and of a place by the steps around it: what the editor knows of them.
        stepProps: Function,
        placeProps: Function,
    };

    get placeAbove() {
        const { node, placeProps } = this.props;
        return placeProps(node.parent ? node.parent.step.id : false, node.step.id);
    }

    get placeBelow() {
        const { node, placeProps } = this.props;
        return { ...placeProps(node.step.id, false), isBranch: node.children.length > 0 };
    }
}

FlowBranch.components.FlowBranch = FlowBranch;
