import { Component } from "@odoo/owl";
import { figure, percent } from "./figure_words";

/** How many people each stage has kept, as bars; each opens its list. */
export class FigureFunnel extends Component {
    static template = "fluxforce_whatsapp_marketing.FigureFunnel";
    static props = {
        stages: {
            type: Array,
            element: {
                type: Object,
                // ``is_loss``: those who left on the way, not a stage of it.
                shape: { key: String, label: String, count: Number, is_loss: Boolean },
            },
        },
        onOpen: Function,
    };

    get stages() {
        const most = Math.max(1, ...this.props.stages.map(({ count }) => count));
        const first = this.props.stages[0]?.count || 0;
        return this.props.stages.map((stage) => ({
            ...stage,
            words: figure("count", stage.count),
            share: first ? percent((100 * stage.count) / first) : "",
            // Who is there at all is seen.
            style: `width: ${stage.count ? Math.max(1, (100 * stage.count) / most) : 0}%`,
        }));
    }

    get way() {
        return this.stages.filter((stage) => !stage.is_loss);
    }

    get losses() {
        return this.stages.filter((stage) => stage.is_loss && stage.count);
    }
}
