import { Component, onWillStart, useState } from "@odoo/owl";
import { Dropdown } from "@web/core/dropdown/dropdown";
import { DropdownItem } from "@web/core/dropdown/dropdown_item";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { KeepLast } from "@web/core/utils/concurrency";
import { useService } from "@web/core/utils/hooks";
import { useSetupAction } from "@web/search/action_hook";
import { Layout } from "@web/search/layout";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { CampaignComparison } from "./campaign_comparison";
import { FigureFunnel } from "./figure_funnel";
import { FigureTile } from "./figure_tile";
import { ReadingHeatmap } from "./reading_heatmap";
import { StopTrend } from "./stop_trend";

const SERVER = "fluxforce.marketing.dashboard";

/** What campaigns and mailings have brought and cost, for a period that can be chosen. */
export class MarketingDashboard extends Component {
    static template = "fluxforce_whatsapp_marketing.MarketingDashboard";
    static components = {
        CampaignComparison,
        Dropdown,
        DropdownItem,
        FigureFunnel,
        FigureTile,
        Layout,
        ReadingHeatmap,
        StopTrend,
    };
    static props = { ...standardActionServiceProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.keepLast = new KeepLast();
        // What was chosen before something was opened, for the way back.
        this.state = useState({ period: false, measure: "replied", ...this.props.state, data: null });
        useSetupAction({
            getLocalState: () => ({ period: this.state.period, measure: this.state.measure }),
        });
        onWillStart(() => this.load(this.state.period));
    }

    get period() {
        return this.data.periods.find(({ key }) => key === this.data.period);
    }

    get data() {
        return this.state.data;
    }

    get compared() {
        return this.data.before ? _t("Compared with %s", this.data.before) : "";
    }

    async load(period) {
        const data = await this.keepLast.add(this.orm.call(SERVER, "get_data", [period]));
        Object.assign(this.state, { data, period: data.period });
    }

    /**
     * @param {string} key of the figure
     * @param {Object} [narrower] one campaign or mailing, or some days of the period
     */
    async open(key, narrower = {}) {
        this.action.doAction(
            await this.orm.call(SERVER, "open_list", [this.state.period, key], narrower)
        );
    }

    async openOrigin(origin) {
        this.action.doAction(await this.orm.call(SERVER, "open_origin", [origin]));
    }

    begin(name) {
        this.action.doAction(this.data.actions[name]);
    }

    async toggleDigest() {
        const isSubscribed = await this.orm.call(SERVER, "toggle_digest", []);
        this.data.digest.is_subscribed = isSubscribed;
    }
}

registry.category("actions").add("fluxforce_marketing_dashboard", MarketingDashboard);
