import { describe, expect, test } from "@odoo/hoot";
import { extremes } from "@fluxforce_whatsapp_marketing/dashboard/comparison";

describe.current.tags("headless");

const rows = (...rates) => rates.map((rate, index) => ({ key: index, rate, people: 100 - index }));
const keys = (found) => [found.best.map(({ key }) => key), found.weakest.map(({ key }) => key)];

test("the best come first, the weakest last", () => {
    expect(keys(extremes(rows(1, 4, 2, 3), "rate"))).toEqual([[1, 3], [2, 0]]);
});

test("nobody is among both: an odd one is one of the best", () => {
    expect(keys(extremes(rows(1, 2, 3), "rate"))).toEqual([[2, 1], [0]]);
    expect(keys(extremes(rows(7), "rate"))).toEqual([[0], []]);
});

test("of very many only the ends are shown", () => {
    const found = extremes(rows(...Array(40).keys()), "rate", false, 2);

    expect(keys(found)).toEqual([[39, 38], [1, 0]]);
});

test("of what is bad less is better", () => {
    expect(keys(extremes(rows(1, 4, 2, 3), "rate", true))).toEqual([[0, 2], [3, 1]]);
});

test("of two alike the one to more people counts more", () => {
    expect(keys(extremes(rows(2, 2), "rate"))).toEqual([[0], [1]]);
});

test("what has no figure is left out", () => {
    expect(keys(extremes([...rows(1), { key: "none", rate: null, people: 5 }], "rate"))).toEqual([[0], []]);
});
