import { Component, onWillStart, useEffect, useRef } from "@odoo/owl";
import { loadBundle } from "@web/core/assets";
import { cookie } from "@web/core/browser/cookie";
import { getColor, getCustomColor } from "@web/core/colors/colors";
import { _t } from "@web/core/l10n/translation";
import { figure, percent } from "./figure_words";

/** Who stopped us in the course of the period, as shares of those who got a message: a chart, and the same as a table. */
export class StopTrend extends Component {
    static template = "fluxforce_whatsapp_marketing.StopTrend";
    static props = {
        points: {
            type: Array,
            element: {
                type: Object,
                shape: {
                    label: String,
                    first: String,
                    last: String,
                    delivered: Number,
                    opted_out: Number,
                    blocked: Number,
                    opted_out_rate: Number,
                    blocked_rate: Number,
                },
            },
        },
        // People of the whole period, who may be among those of several points.
        total: {
            type: Object,
            shape: { delivered: Number, opted_out: Number, blocked: Number },
        },
        onOpen: Function,
    };

    setup() {
        this.canvas = useRef("canvas");
        onWillStart(() => loadBundle("web.chartjs_lib"));
        useEffect(
            () => {
                const chart = new Chart(this.canvas.el, this.config);
                return () => chart.destroy();
            },
            () => [this.props.points]
        );
    }

    get lines() {
        return [
            { key: "opted_out", label: _t("Opt-Outs"), colour: 0 },
            { key: "blocked", label: _t("Blocks"), colour: 1 },
        ];
    }

    /** What the chart says, for those who do not see it. */
    get summary() {
        const total = (key) => figure("count", this.props.total[key]);
        return _t("%(opted_out)s opted out and %(blocked)s blocked us, of %(delivered)s who got a message.", {
            opted_out: total("opted_out"),
            blocked: total("blocked"),
            delivered: total("delivered"),
        });
    }

    get rows() {
        return this.props.points
            .filter(({ delivered, opted_out, blocked }) => delivered || opted_out || blocked)
            .map((point) => ({
                ...point,
                deliveredWords: figure("count", point.delivered),
                cells: this.lines.map(({ key }) => ({
                    key,
                    count: point[key],
                    words: `${figure("count", point[key])} (${percent(point[`${key}_rate`])})`,
                })),
            }));
    }

    openPoint(key, { first, last }) {
        this.props.onOpen(key, { first, last });
    }

    get config() {
        const scheme = cookie.get("color_scheme");
        const [grid, text] = [
            getCustomColor(scheme, "#d8dadd", "#3C3E4B"),
            getCustomColor(scheme, "#374151", "#E4E4E4"),
        ];
        const axis = (more) => ({
            beginAtZero: true,
            grid: { color: grid },
            ticks: { color: text, maxTicksLimit: 6 },
            ...more,
        });
        return {
            type: "bar",
            data: { labels: this.props.points.map(({ label }) => label), datasets: this.datasets(scheme) },
            options: {
                maintainAspectRatio: false,
                interaction: { mode: "index", intersect: false },
                plugins: {
                    legend: { position: "bottom", labels: { color: text, usePointStyle: true, boxWidth: 8, boxHeight: 8 } },
                    tooltip: { callbacks: { label: (item) => this.tooltip(item) } },
                },
                scales: {
                    x: { grid: { display: false }, ticks: { color: text, maxRotation: 0, autoSkipPadding: 12 } },
                    y: axis({ ticks: { color: text, maxTicksLimit: 6, callback: percent } }),
                    delivered: axis({ position: "right", grid: { display: false } }),
                },
            },
        };
    }

    datasets(scheme) {
        const lines = this.lines.map(({ key, label, colour }) => ({
            type: "line",
            label,
            data: this.props.points.map((point) => point[`${key}_rate`]),
            borderColor: getColor(colour, scheme, "sm"),
            backgroundColor: getColor(colour, scheme, "sm"),
            // Told apart without their colours, too.
            borderDash: key === "blocked" ? [6, 4] : [],
            pointStyle: key === "blocked" ? "rect" : "circle",
            tension: 0,
        }));
        const delivered = {
            label: _t("Delivered"),
            data: this.props.points.map((point) => point.delivered),
            backgroundColor: getCustomColor(scheme, "#e2e8f0", "#3C3E4B"),
            yAxisID: "delivered",
            order: 1,
        };
        return [...lines, delivered];
    }

    tooltip({ dataset, parsed }) {
        const words = dataset.yAxisID === "delivered" ? figure("count", parsed.y) : percent(parsed.y);
        return `${dataset.label}: ${words}`;
    }
}
