/** What the server tells of a period with something in it; figures differ so that none can be taken for another. */
export function figures(values = {}) {
    return {
        period: "30",
        periods: [
            { key: "7", label: "Last 7 Days" },
            { key: "30", label: "Last 30 Days" },
            { key: "all", label: "All Time" },
        ],
        span: "Oct 31 – Nov 29",
        before: "Oct 1 – Oct 30",
        is_empty: false,
        is_unused: false,
        tiles: [
            tile({ key: "sent", label: "Sent", value: 1200, note: "of 1,300 people addressed", change: 50 }),
            tile({ key: "read", label: "Read", kind: "rate", value: 61.25, change: -2.5, more_is: "good" }),
            tile({ key: "blocked", label: "Blocked", kind: "rate", value: 0.4, change: 0.3, more_is: "bad" }),
        ],
        funnel: [
            { key: "people", label: "Addressed", count: 1300, is_loss: false },
            { key: "delivered", label: "Delivered", count: 1100, is_loss: false },
            { key: "read", label: "Read", count: 650, is_loss: false },
            { key: "converted", label: "Converted", count: 0, is_loss: false },
            { key: "failed", label: "Failed", count: 17, is_loss: true },
            { key: "refused", label: "Refused", count: 0, is_loss: true },
        ],
        total: { delivered: 480, opted_out: 4, blocked: 1 },
        trend: [point("Nov 27", "2026-11-27", 500, 4, 1), point("Nov 28", "2026-11-28", 0, 0, 0)],
        measures: [
            { key: "replied", label: "Replied", field: "replied_rate", kind: "rate", less_is_better: false },
            { key: "blocked", label: "Blocked", field: "blocked_rate", kind: "rate", less_is_better: true },
        ],
        fewest: 20,
        campaigns: [
            compared("campaign-1", "Welcome", 12.5, 0.1),
            compared("mailing-2", "Spring", 3, 0.9),
            compared("campaign-3", "Review", 7, 0),
        ],
        reading_hours: hours({ 1: { 18: 12, 9: 3 }, 6: { 0: 1 } }),
        digest: { is_subscribed: false },
        actions: { gallery: "gallery_action", mailing: "mailing_action" },
        ...values,
    };
}

export function tile(values) {
    return { kind: "count", value: 0, currency_id: 1, note: "", help: "", change: false, more_is: "neither", ...values };
}

export function point(label, first, delivered, opted_out, blocked) {
    const rate = (count) => (delivered ? (100 * count) / delivered : 0);
    return {
        label,
        first,
        last: first,
        delivered,
        opted_out,
        blocked,
        opted_out_rate: rate(opted_out),
        blocked_rate: rate(blocked),
    };
}

export function compared(key, name, replied_rate, blocked_rate) {
    return { key, name, kind: key.startsWith("campaign") ? "Campaign" : "Mailing", people: 100, replied_rate, blocked_rate };
}

/** @param {Object} counts by weekday from Monday, by hour */
export function hours(counts) {
    return [...Array(7).keys()].map((day) =>
        [...Array(24).keys()].map((hour) => counts[day]?.[hour] || 0)
    );
}
