import { describe, expect, test } from "@odoo/hoot";
import { queryAll, queryAllTexts, queryFirst, queryText } from "@odoo/hoot-dom";
import {
    defineModels,
    defineParams,
    fields,
    makeMockEnv,
    models,
    mountView,
    mountWithCleanup,
    patchWithCleanup,
} from "@web/../tests/web_test_helpers";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { localization } from "@web/core/l10n/localization";
import { levelOf, ReadingHeatmap } from "@fluxforce_whatsapp_marketing/dashboard/reading_heatmap";
import { hours } from "./dashboard_test_helpers";

class Campaign extends models.Model {
    _name = "fluxforce.campaign";
    reading_hours = fields.Json();
    _records = [
        { id: 1, reading_hours: hours({ 0: { 8: 2 } }) },
        { id: 2, reading_hours: false },
    ];
}

defineMailModels();
defineModels([Campaign]);
defineParams({ lang_parameters: { week_start: 1 } });

// Tuesday at six in the evening most of all.
const READ = hours({ 1: { 18: 12, 9: 3 }, 6: { 0: 1 } });

const show = (read = READ) => mountWithCleanup(ReadingHeatmap, { props: { hours: read } });
const colour = (title) => queryFirst(`td[title*="${title}"]`).className;

describe.current.tags("desktop");

test("a row for each day, a column for each hour, and names for both", async () => {
    await show();

    expect("tbody tr").toHaveCount(7);
    expect("thead th[scope=col]").toHaveCount(24);
    expect(queryAllTexts("tbody th[scope=row] span[aria-hidden]")).toEqual([
        "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun",
    ]);
    expect("caption").toHaveText("Messages read, by weekday and hour");
});

test("the week begins where the country begins it", async () => {
    await makeMockEnv();
    patchWithCleanup(localization, { weekStart: 7 });
    await show();

    expect(queryText("tbody tr:first-child th span[aria-hidden]")).toBe("Sun");
    expect(queryText("tbody tr:first-child td:eq(0)")).toBe("1");
});

test("each field tells its day, hours and number without its colour", async () => {
    await show();

    expect(queryAll("td[title]").length).toBe(7 * 24);
    expect(queryFirst('td[title^="Tuesday"][title$=": 12 read"]').textContent).toBe("12");
});

test("what is best is said in a sentence", async () => {
    await show();

    expect(queryText(".o_fluxforce_heatmap > p:first-child")).toMatch(/^Most is read on Tuesday, 6:00\sPM – 7:00\sPM/);
});

test("the more is read the darker it is, and nothing is not pale but empty", async () => {
    await show();

    expect(colour(": 12 read")).toBe("o_fluxforce_heat_5");
    expect(colour(": 3 read")).toBe("o_fluxforce_heat_2");
    expect(colour(": 0 read")).toBe("o_fluxforce_heat_0");
});

test("one of very many is still seen", () => {
    expect([levelOf(0, 0), levelOf(0, 900), levelOf(1, 900), levelOf(900, 900)]).toEqual([0, 0, 1, 5]);
});

test("the legend says what the darkest stands for", async () => {
    await show();

    expect(queryText(".o_fluxforce_legend")).toInclude("12 in one hour");
    expect(".o_fluxforce_swatch").toHaveCount(6);
});

test("nobody has read: a sentence, no empty table", async () => {
    await show(hours({}));

    expect(queryText(".o_fluxforce_heatmap")).toBe("Nobody has read anything yet.");
    expect("table").toHaveCount(0);
});

test("the form of a campaign shows its own", async () => {
    await mountView({
        type: "form",
        resModel: "fluxforce.campaign",
        resId: 1,
        arch: `<form><field name="reading_hours" widget="fluxforce_reading_hours"/></form>`,
    });

    expect(queryFirst('td[title$=": 2 read"]').title).toInclude("Monday");
});

test("a campaign that is not saved yet has none", async () => {
    await mountView({
        type: "form",
        resModel: "fluxforce.campaign",
        resId: 2,
        arch: `<form><field name="reading_hours" widget="fluxforce_reading_hours"/></form>`,
    });

    expect(".o_fluxforce_heatmap").toHaveText("Nobody has read anything yet.");
});

describe("on a telephone", () => {
    test("hours stand below each other, so that nothing is cut off", async () => {
        patchWithCleanup(ReadingHeatmap.prototype, {
            setup() {
                super.setup();
                this.ui = { isSmall: true };
            },
        });
        await show();

        expect("tbody tr").toHaveCount(24);
        expect("thead th[scope=col]").toHaveCount(7);
        expect(queryFirst("tbody tr:nth-child(19) td[title^=Tuesday]").textContent).toBe("12");
    });
});
