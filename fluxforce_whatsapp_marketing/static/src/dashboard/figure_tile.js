import { Component } from "@odoo/owl";
import { changeInWords, figure } from "./figure_words";

/** One figure of the period and how it has changed; opens the list behind it. */
export class FigureTile extends Component {
    static template = "fluxforce_whatsapp_marketing.FigureTile";
    static props = {
        tile: {
            type: Object,
            shape: {
                key: String,
                label: String,
                kind: { validate: (kind) => ["count", "rate", "money"].includes(kind) },
                value: [Number, { value: false }],
                currency_id: { type: [Number, { value: false }], optional: true },
                note: { type: String, optional: true },
                help: { type: String, optional: true },
                // Percent more than before; percentage points for a rate.
                change: [Number, { value: false }],
                // Whether more of it is good news; null where it is neither.
                more_is: { validate: (news) => ["good", "bad", "neither"].includes(news) },
            },
        },
        onOpen: Function,
    };

    get value() {
        const { kind, value, currency_id } = this.props.tile;
        return figure(kind, value, currency_id);
    }

    get change() {
        return changeInWords(this.props.tile);
    }

    get icon() {
        const { change } = this.props.tile;
        return change > 0 ? "fa-arrow-up" : change < 0 ? "fa-arrow-down" : "fa-minus";
    }

    get colour() {
        const { change, more_is } = this.props.tile;
        if (!change || more_is === "neither") {
            return "text-muted";
        }
        return change > 0 === (more_is === "good") ? "text-success" : "text-danger";
    }
}
