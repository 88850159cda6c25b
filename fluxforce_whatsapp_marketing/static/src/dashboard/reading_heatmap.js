import { Component, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { localization } from "@web/core/l10n/localization";
import { useService } from "@web/core/utils/hooks";
import { formatInteger } from "@web/views/fields/formatters";

const { DateTime, Info } = luxon;

// Steps of colour beside none. (Our own choice.)
const LEVELS = 5;
const HOURS = [...Array(24).keys()];

/** @returns {number} 0 for none, LEVELS for the most */
export function levelOf(count, most) {
    return count ? Math.ceil((LEVELS * count) / most) : 0;
}

/**
 * When people read, by weekday and hour of their own time: a table with colours, so that it can be read without seeing
 * them.
 */
export class ReadingHeatmap extends Component {
    static template = "fluxforce_whatsapp_marketing.ReadingHeatmap";
    static props = {
        // Seven days from Monday, of 24 counts each.
        hours: { type: Array, element: Array },
    };

    setup() {
        this.ui = useState(useService("ui"));
        this.levels = [...Array(LEVELS + 1).keys()];
    }

    get most() {
        return Math.max(0, ...this.props.hours.flat());
    }

    get total() {
        return this.props.hours.flat().reduce((sum, count) => sum + count, 0);
    }

    /** Weekdays as this country counts them. */
    get days() {
        const first = (localization.weekStart || 1) - 1;
        const [short, long] = [Info.weekdays("short"), Info.weekdays("long")];
        return HOURS.slice(0, 7).map((offset) => {
            const index = (first + offset) % 7;
            return { index, short: short[index], long: long[index] };
        });
    }

    get hours() {
        return HOURS.map((hour) => ({ index: hour, short: String(hour), long: this.span(hour) }));
    }

    /** Days below each other; on a narrow screen hours are, because there are more of them. */
    get rows() {
        return this.ui.isSmall ? this.hours : this.days;
    }

    get columns() {
        return this.ui.isSmall ? this.days : this.hours;
    }

    /** What is read at first sight, in words. */
    get summary() {
        if (!this.most) {
            return _t("Nobody has read anything yet.");
        }
        for (const day of this.days) {
            const hour = this.props.hours[day.index].indexOf(this.most);
            if (hour >= 0) {
                return _t("Most is read on %(day)s, %(hours)s, in the time of the people who read.", {
                    day: day.long,
                    hours: this.span(hour),
                });
            }
        }
    }

    get legend() {
        return _t("%s in one hour", formatInteger(this.most));
    }

    cell(row, column) {
        const [day, hour] = this.ui.isSmall ? [column, row] : [row, column];
        const count = this.props.hours[day.index][hour.index];
        return {
            count,
            words: formatInteger(count),
            level: levelOf(count, this.most),
            title: _t("%(day)s, %(hours)s: %(count)s read", {
                day: day.long,
                hours: hour.long,
                count: formatInteger(count),
            }),
        };
    }

    span(hour) {
        const moment = (at) => DateTime.fromObject({ hour: at % 24 }).toLocaleString(DateTime.TIME_SIMPLE);
        return `${moment(hour)} – ${moment(hour + 1)}`;
    }
}
