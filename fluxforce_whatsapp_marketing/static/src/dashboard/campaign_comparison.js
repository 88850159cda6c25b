import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { extremes } from "./comparison";
import { figure } from "./figure_words";

/** The best and the weakest campaigns and mailings of the period, by a figure that can be chosen. */
export class CampaignComparison extends Component {
    static template = "fluxforce_whatsapp_marketing.CampaignComparison";
    static props = {
        rows: Array,
        // What can be compared: key, label, field, kind, less_is_better.
        measures: Array,
        measure: String,
        // Below so many people a share says nothing.
        fewest: Number,
        onMeasure: Function,
        onOpenOrigin: Function,
        onOpenFigure: Function,
    };

    get chosen() {
        return this.props.measures.find(({ key }) => key === this.props.measure) || this.props.measures[0];
    }

    get groups() {
        const { field, less_is_better } = this.chosen;
        const { best, weakest } = extremes(this.props.rows, field, less_is_better);
        return [
            { key: "best", label: _t("Best"), icon: "fa-thumbs-o-up", rows: best },
            { key: "weakest", label: _t("Weakest"), icon: "fa-thumbs-o-down", rows: weakest },
        ].filter(({ rows }) => rows.length);
    }

    get fewestWords() {
        return _t("Only those to at least %s people are compared.", this.props.fewest);
    }

    words(row, measure) {
        return figure(measure.kind, row[measure.field], row.currency_id);
    }

    people(row) {
        return figure("count", row.people);
    }
}
