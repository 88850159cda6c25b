import { _t } from "@web/core/l10n/translation";
import { formatFloat, formatInteger, formatMonetary, formatPercentage } from "@web/views/fields/formatters";

/** @param {number} value in percent, such as 12.5 */
export function percent(value) {
    return formatPercentage((value || 0) / 100, { digits: [16, 1] });
}

/**
 * A figure as people read it.
 *
 * @param {"count"|"rate"|"money"} kind
 * @param {number|false} value false where there is none
 * @param {number|false} [currencyId]
 */
export function figure(kind, value, currencyId) {
    if (value === false || value === null || value === undefined) {
        return "–";
    }
    const words = {
        rate: () => percent(value),
        money: () => formatMonetary(value, { currencyId }),
        count: () => formatInteger(value),
    };
    return words[kind]();
}

/**
 * How a figure has changed, in words that need no colour.
 *
 * @param {Object} tile
 * @returns {string} empty without a comparison
 */
export function changeInWords({ kind, change }) {
    if (change === false || change === null || change === undefined) {
        return "";
    }
    const size = kind === "rate" ? pointsInWords(Math.abs(change)) : percent(Math.abs(change));
    if (!change) {
        return _t("as before");
    }
    return change > 0 ? _t("%s more than before", size) : _t("%s less than before", size);
}

function pointsInWords(value) {
    return _t("%s points", formatFloat(value, { digits: [16, 1] }));
}
