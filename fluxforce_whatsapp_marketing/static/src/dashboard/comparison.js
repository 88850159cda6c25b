// So many at each end. (Our own choice.)
export const ENDS = 5;

/**
 * The best and the weakest by one figure; nobody is among both.
 *
 * @param {Object[]} rows
 * @param {string} measure name of the figure
 * @param {boolean} lessIsBetter
 * @param {number} [ends] most rows of each
 * @returns {{best: Object[], weakest: Object[]}} the best first, the weakest last
 */
export function extremes(rows, measure, lessIsBetter = false, ends = ENDS) {
    const sign = lessIsBetter ? -1 : 1;
    const sorted = rows
        .filter((row) => typeof row[measure] === "number")
        .sort((a, b) => sign * (b[measure] - a[measure]) || b.people - a.people);
    const best = sorted.slice(0, Math.min(ends, Math.ceil(sorted.length / 2)));
    return { best, weakest: sorted.slice(best.length).slice(-ends) };
}
