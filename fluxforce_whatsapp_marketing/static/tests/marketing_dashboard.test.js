import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { describe, expect, test } from "@odoo/hoot";
import { click, press, queryAll, queryAllTexts, queryFirst, queryText } from "@odoo/hoot-dom";
import { animationFrame } from "@odoo/hoot-mock";
import {
    contains,
    getService,
    mockService,
    mountWithCleanup,
    onRpc,
    preloadBundle,
} from "@web/../tests/web_test_helpers";
import { WebClient } from "@web/webclient/webclient";
import { figures, tile } from "./dashboard_test_helpers";

describe.current.tags("desktop");
defineMailModels();
preloadBundle("web.chartjs_lib");

const SERVER = "fluxforce.marketing.dashboard";
const key = (name) => `[data-key="${name}"]`;

/** Opens the page; what is asked of the server and what it opens is stepped. */
async function open(given = figures()) {
    onRpc(SERVER, "get_data", ({ args: [period] }) => {
        expect.step(["get_data", period]);
        return { ...given, period: period || given.period };
    });
    onRpc(SERVER, "open_list", ({ args, kwargs }) => {
        const narrower = ["first", "last", "origin"].filter((name) => name in kwargs);
        expect.step(["open_list", ...args, Object.fromEntries(narrower.map((name) => [name, kwargs[name]]))]);
        return { type: "ir.actions.act_window_close" };
    });
    onRpc(SERVER, "open_origin", ({ args: [origin] }) => {
        expect.step(["open_origin", origin]);
        return { type: "ir.actions.act_window_close" };
    });
    onRpc(SERVER, "toggle_digest", () => true);
    await mountWithCleanup(WebClient);
    await getService("action").doAction({
        type: "ir.actions.client",
        tag: "fluxforce_marketing_dashboard",
        name: "WhatsApp Marketing",
    });
    expect.verifySteps([["get_data", false]]);
}

test("each tile says what it counts, how much and how it has changed", async () => {
    await open();

    expect(queryAllTexts(".o_fluxforce_tile")).toEqual([
        "Sent\n1,200\nof 1,300 people addressed\n50% more than before",
        "Read\n61.3%\n2.5 points less than before",
        "Blocked\n0.4%\n0.3 points more than before",
    ]);
});

test("more blocks are bad news, and so are fewer readers", async () => {
    await open();

    expect(`.o_fluxforce_tile${key("blocked")} .o_fluxforce_tile_change`).toHaveClass("text-danger");
    expect(`.o_fluxforce_tile${key("read")} .o_fluxforce_tile_change`).toHaveClass("text-danger");
    expect(`.o_fluxforce_tile${key("sent")} .o_fluxforce_tile_change`).toHaveClass("text-muted");
});

test("without anything before, nothing is said about a change", async () => {
    await open(figures({ tiles: [tile({ key: "sent", label: "Sent", value: 5 })], before: "" }));

    expect(queryText(".o_fluxforce_tile")).toBe("Sent\n5");
    expect(queryText(".o_fluxforce_dashboard_page")).not.toInclude("Compared with");
});

test("what is not known is no zero", async () => {
    await open(figures({ tiles: [tile({ key: "cost", label: "Cost", kind: "money", value: false })] }));

    expect(queryText(".o_fluxforce_tile_value")).toBe("–");
});

test("another period asks for its figures", async () => {
    await open();

    await contains(".o_fluxforce_period").click();
    await contains(".o-dropdown-item:contains(Last 7 Days)").click();

    expect.verifySteps([["get_data", "7"]]);
    expect(".o_fluxforce_period").toHaveText("Last 7 Days");
});

test("a tile opens its list by the keyboard, for the same period", async () => {
    await open();

    queryFirst(`.o_fluxforce_tile${key("read")}`).focus();
    await press("Enter");
    await animationFrame();

    expect.verifySteps([["open_list", "30", "read", {}]]);
});

test("every tile and stage can be reached by Tab, in the order in which it is read", async () => {
    await open();

    const reachable = queryAll(".o_fluxforce_tile, .o_fluxforce_stage").filter((one) => one.tabIndex === 0);

    expect(reachable.map((one) => one.dataset.key)).toEqual([
        "sent", "read", "blocked", "people", "delivered", "read", "converted",
    ]);
});

test("a stage tells its share of all and opens its list", async () => {
    await open();
    expect(queryText(`.o_fluxforce_stage${key("read")}`).split("\n")).toEqual(["Read", "650", "50%"]);

    await click(`.o_fluxforce_stage${key("read")}`);
    await animationFrame();

    expect.verifySteps([["open_list", "30", "read", {}]]);
});

test("who was lost on the way is named where there is somebody", async () => {
    await open();

    expect(queryAllTexts(".o_fluxforce_losses button")).toEqual(["Failed 17"]);
});

test("the best stands first and the weakest last", async () => {
    await open();

    expect(queryAllTexts(".o_fluxforce_best tr[data-key] th button")).toEqual(["Welcome", "Review"]);
    expect(queryAllTexts(".o_fluxforce_weakest tr[data-key] th button")).toEqual(["Spring"]);
});

test("compared by blocks, fewest are best", async () => {
    await open();

    await contains(".o_fluxforce_comparison select").select("blocked");

    expect(queryAllTexts(".o_fluxforce_best tr[data-key] th button")).toEqual(["Review", "Welcome"]);
});

test("a campaign opens by its name, its figures open their lists", async () => {
    await open();

    await contains(`.o_fluxforce_comparison ${key("mailing-2")} th button`).click();
    await contains(`.o_fluxforce_comparison ${key("mailing-2")} td.o_fluxforce_chosen button`).click();

    expect.verifySteps([
        ["open_origin", "mailing-2"],
        ["open_list", "30", "replied", { origin: "mailing-2" }],
    ]);
});

test("with too few people nothing is compared", async () => {
    await open(figures({ campaigns: [] }));

    expect(queryText(".o_fluxforce_comparison")).toBe(
        "Nothing to compare yet. Only those to at least 20 people are compared."
    );
});

test("who wants no more is told in words, people counted once, and as a table", async () => {
    await open();

    expect(queryText(".o_fluxforce_trend > p")).toBe("4 opted out and 1 blocked us, of 480 who got a message.");
    expect(queryFirst(".o_fluxforce_trend canvas").getAttribute("role")).toBe("img");

    await contains(".o_fluxforce_trend summary").click();

    expect(queryAllTexts(".o_fluxforce_trend tbody tr")).toEqual(["Nov 27 500 4 (0.8%) 1 (0.2%)"]);
});

test("a day of the table opens the people of that day", async () => {
    await open();

    await contains(".o_fluxforce_trend summary").click();
    await contains(".o_fluxforce_trend tbody td:eq(1) button").click();

    expect.verifySteps([["open_list", "30", "opted_out", { first: "2026-11-27", last: "2026-11-27" }]]);
});

test("before anything is sent it says what to begin with", async () => {
    await open(figures({ is_unused: true, is_empty: true }));
    mockService("action", { doAction: (action) => expect.step(action) });

    expect(".o_fluxforce_tile").toHaveCount(0);
    expect(".o_fluxforce_period").toHaveCount(0);
    await contains(".o_view_nocontent button:contains(Choose a Ready Journey)").click();
    await contains(".o_view_nocontent button:contains(New Mailing)").click();

    expect.verifySteps(["gallery_action", "mailing_action"]);
});

test("a period without anything offers all time", async () => {
    await open(figures({ is_empty: true }));
    expect(".o_fluxforce_card").toHaveCount(0);

    await contains(".o_fluxforce_dashboard_page .alert button").click();

    expect.verifySteps([["get_data", "all"]]);
});

test("the e-mail of the week is switched on here", async () => {
    await open();
    expect(".o_fluxforce_digest").toHaveAttribute("aria-pressed", "false");

    await contains(".o_fluxforce_digest").click();

    expect(".o_fluxforce_digest").toHaveAttribute("aria-pressed", "true");
});

test("without a digest there is nothing to switch on", async () => {
    await open(figures({ digest: false }));

    expect(".o_fluxforce_digest").toHaveCount(0);
});
