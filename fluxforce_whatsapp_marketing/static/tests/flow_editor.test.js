import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { describe, expect, test } from "@odoo/hoot";
import { click, press, queryAll, queryAllTexts, queryFirst } from "@odoo/hoot-dom";
import { animationFrame, runAllTimers } from "@odoo/hoot-mock";
import {
    contains,
    defineModels,
    fields,
    models,
    mountView,
    onRpc,
    patchWithCleanup,
} from "@web/../tests/web_test_helpers";
import { browser } from "@web/core/browser/browser";

describe.current.tags("desktop");

class Campaign extends models.Model {
    _name = "fluxforce.campaign";
    name = fields.Char();
    _records = [{ id: 1, name: "Welcome" }];
}

class Activity extends models.Model {
    _name = "fluxforce.campaign.activity";
    name = fields.Char();
    type = fields.Char();
    trigger = fields.Char();
    campaign_id = fields.Many2one({ relation: "fluxforce.campaign" });
    parent_id = fields.Many2one({ relation: "fluxforce.campaign.activity" });
    _records = [
        { id: 1, name: "Hello", type: "whatsapp" },
        { id: 2, name: "Call", type: "todo" },
        { id: 3, name: "Pause", type: "wait" },
    ];
    _views = {
        form: `<form><field name="name"/><field name="type"/><field name="trigger"/><field name="parent_id"/></form>`,
    };
}

defineMailModels();
defineModels([Campaign, Activity]);

const TYPES = [
    { type: "begin", label: "Beginning", icon: "fa-flag-o", triggers: [["begin", "Beginning"]] },
    {
        type: "whatsapp",
        label: "WhatsApp",
        icon: "fa-whatsapp",
        triggers: [["done", "Sent"], ["read", "Read"]],
    },
    { type: "todo", label: "To-Do", icon: "fa-check", triggers: [["done", "Afterwards"]] },
    { type: "wait", label: "Wait", icon: "fa-hourglass", triggers: [["done", "Afterwards"]] },
];
const FIGURES = [{ key: "waiting", label: "Waiting", icon: "fa-hourglass-half", count: 12 }];

const step = (id, parent_id, values = {}) => ({
    id,
    parent_id,
    sequence: id * 10,
    type: "whatsapp",
    trigger: "done",
    name: `Step ${id}`,
    summary: "",
    what: "",
    branch: "",
    problem: "",
    figures: [],
    way: {},
    ...values,
});

// Hello ─ read ─ Call
//       └ Pause
const flow = (values = {}) => ({
    version: "1",
    may_edit: true,
    is_live: false,
    hint: false,
    types: TYPES,
    steps: [
        step(1, false, { name: "Hello", trigger: "begin", summary: "At the beginning: send hello.", what: "Send hello.", figures: FIGURES }),
        step(2, 1, { name: "Call", type: "todo", trigger: "read", branch: "Read" }),
        step(3, 1, { name: "Pause", type: "wait", problem: "Say how long." }),
    ],
    ...values,
});

// What was typed into the form of the last change.
let written;

/** Shows the flow; what is asked of the server is stepped, and answered with ``answers`` in turn. */
async function open(given = flow(), answers = []) {
    onRpc("fluxforce.campaign.editor", "get_flow", () => given);
    onRpc("fluxforce.campaign.editor", "apply", ({ args: [campaignId, change, version, agreed] }) => {
        const { values, ...rest } = change;
        written = values;
        expect.step([rest, version, agreed]);
        return answers.shift() || { flow: given, focus: change.id };
    });
    await mountView({
        type: "form",
        resModel: "fluxforce.campaign",
        resId: 1,
        arch: `<form><field name="name"/><widget name="fluxforce_flow_editor"/></form>`,
    });
}

const card = (id) => `.o_fluxforce_flow_step[data-id="${id}"]`;
const place = (parentId, aboveId) =>
    `.o_fluxforce_flow_place[data-parent-id="${parentId}"][data-above-id="${aboveId}"]`;

async function focus(id) {
    queryFirst(card(id)).focus();
    await animationFrame();
}

async function key(...keys) {
    for (const one of keys) {
        await press(one);
        await animationFrame();
    }
}

// --- What there is to see --------------------------------------------------------------------------------------------

test("each step tells what it does, how it follows, and how many are in it", async () => {
    await open();
    expect(queryAllTexts(".o_fluxforce_flow_step .fw-bold")).toEqual(["Hello", "Call", "Pause"]);
    expect(`${card(1)} .o_fluxforce_flow_summary`).toHaveText("Send hello.");
    expect(".o_fluxforce_flow_branch").toHaveText("Read");
    expect(`${card(1)} .o_fluxforce_flow_figures`).toHaveText("12");
});

test("what is wrong with a step is said on it", async () => {
    await open();
    expect(`${card(3)} .o_fluxforce_flow_problem`).toHaveText("Say how long.");
    expect(card(3)).toHaveClass("o_fluxforce_flow_broken");
});

test("steps stand within the list of those that follow the same one", async () => {
    await open();
    expect(queryAll(`ul[role=group] ${card(2)}, ul[role=group] ${card(3)}`)).toHaveCount(2);
    expect(card(2)).toHaveAttribute("aria-level", "2");
});

test("a screen reader is told all that the picture shows", async () => {
    await open();
    expect(card(2)).toHaveAttribute("aria-label", "Read. To-Do. Call");
});

test("the picture can be chosen, and stays chosen", async () => {
    const kept = {};
    patchWithCleanup(browser.localStorage, { setItem: (name, value) => (kept[name] = value) });
    await open();
    await click("button[title='One below the other']");
    await animationFrame();
    expect("ul[role=tree]").toHaveClass("o_fluxforce_flow_outline");
    expect(kept["fluxforce_whatsapp_marketing.flow_layout"]).toBe("outline");
});

test("without the right to write nothing can be changed", async () => {
    await open(flow({ may_edit: false }));
    expect(".o_fluxforce_flow_place").toHaveCount(0);
    expect(".o_fluxforce_flow_kind").toHaveCount(0);
    await focus(1);
    await key("Delete", "m");
    expect.verifySteps([]);
});

test("a journey without steps says how to begin", async () => {
    await open(flow({ steps: [] }));
    expect(".o_fluxforce_flow_empty button").toHaveText("Add the First Step");
});

test("the counts of a journey that runs are read again", async () => {
    let calls = 0;
    onRpc("fluxforce.campaign.editor", "get_flow", () => {
        calls++;
        return flow({ is_live: true });
    });
    await mountView({
        type: "form",
        resModel: "fluxforce.campaign",
        resId: 1,
        arch: `<form><widget name="fluxforce_flow_editor"/></form>`,
    });
    const before = calls;
    await runAllTimers();
    expect(calls).toBeGreaterThan(before);
});

// --- Keyboard --------------------------------------------------------------------------------------------------------

test("arrows go from step to step", async () => {
    await open();
    await click("button[title='One below the other']");
    await animationFrame();
    await focus(1);
    await key("ArrowDown");
    expect(card(2)).toBeFocused();
    await key("End");
    expect(card(3)).toBeFocused();
    await key("ArrowLeft");
    expect(card(1)).toBeFocused();
});

test("only one step is reached with the tab key", async () => {
    await open();
    await focus(2);
    expect(queryAll(".o_fluxforce_flow_step[tabindex='0']")).toHaveCount(1);
    expect(card(2)).toHaveAttribute("tabindex", "0");
});

test("a step is deleted with a key", async () => {
    await open();
    await focus(2);
    await key("Delete");
    expect.verifySteps([[{ do: "remove", id: 2 }, "1", false]]);
});

test("a step changes places with the one beside it", async () => {
    await open();
    await click("button[title='One below the other']");
    await focus(2);
    await press(["Alt", "ArrowDown"]);
    await animationFrame();
    expect.verifySteps([[{ do: "shift", id: 2, by: 1 }, "1", false]]);
});

test("a step is moved with keys only: picked up, taken to a place, put down", async () => {
    await open();
    await focus(3);
    await key("m");
    expect(".o_fluxforce_flow_target.o_fluxforce_flow_chosen").toHaveCount(1);
    expect("[aria-live=polite]").toHaveText("Before Hello");
    await key("ArrowDown", "ArrowDown");
    expect("[aria-live=polite]").toHaveText("After Call");
    await key("Enter");
    expect.verifySteps([
        [{ do: "move", id: 3, parent_id: 2, above_id: false, trigger: "done" }, "1", false],
    ]);
});

test("Escape leaves a step where it was", async () => {
    await open();
    await focus(3);
    await key("m", "ArrowDown", "Escape");
    expect(".o_fluxforce_flow_target").toHaveCount(0);
    expect(card(3)).toBeFocused();
    expect.verifySteps([]);
});

// --- Mouse -----------------------------------------------------------------------------------------------------------

test("a step is dragged to another place", async () => {
    await open();
    const { moveTo, drop } = await contains(card(3)).drag();
    await moveTo(card(2));
    await animationFrame();
    await moveTo(place(2, 0));
    await animationFrame();
    await drop();
    await animationFrame();
    expect.verifySteps([
        [{ do: "move", id: 3, parent_id: 2, above_id: false, trigger: "done" }, "1", false],
    ]);
});

test("a step that is dropped anywhere else stays", async () => {
    await open();
    const { moveTo, drop } = await contains(card(3)).drag();
    await moveTo(card(1));
    await drop();
    await animationFrame();
    expect(".o_fluxforce_flow_ghost").toHaveCount(0);
    expect.verifySteps([]);
});

test("a new step is added where the button is, with how it follows", async () => {
    await open();
    await click(place(1, 2));
    await animationFrame();
    await contains(".o_fluxforce_flow_menu .dropdown-item:contains(Wait)").click();
    await contains(".modal .o_field_widget[name=name] input").edit("A day off");
    await contains(".modal .o_form_button_save").click();
    await animationFrame();
    expect.verifySteps([[{ do: "add", type: "wait", parent_id: 1, above_id: 2 }, "1", false]]);
    expect(written).toEqual({ name: "A day off", type: "wait", trigger: "read", parent_id: 1 });
});

test("a step is changed in its form", async () => {
    await open();
    await click(card(1));
    await contains(".modal .o_field_widget[name=name] input").edit("Good morning");
    await contains(".modal .o_form_button_save").click();
    await animationFrame();
    expect.verifySteps([[{ do: "write", id: 1 }, "1", false]]);
    expect(written).toEqual({ name: "Good morning" });
    expect(".modal").toHaveCount(0);
});

test("after its form is closed the keys are at the step again", async () => {
    await open();
    await click(card(2));
    await contains(".modal .o_field_widget[name=name] input").edit("Ring");
    await contains(".modal .o_form_button_save").click();
    await animationFrame();
    expect(card(2)).toBeFocused();
    expect.verifySteps([[{ do: "write", id: 2 }, "1", false]]);
    await key("Enter");
    await contains(".modal .o_form_button_cancel").click();
    await animationFrame();
    expect(card(2)).toBeFocused();
});

// --- What it means ---------------------------------------------------------------------------------------------------

const ASK = { ask: { title: "Delete this step?", lines: ["12 people wait for it."], agree: "Delete" } };

test("what a change means for the people inside is shown, and done when agreed to", async () => {
    await open(flow(), [ASK]);
    await focus(2);
    await key("Delete");
    expect(".modal-body").toHaveText("12 people wait for it.");
    await contains(".modal-footer .btn-primary").click();
    expect.verifySteps([
        [{ do: "remove", id: 2 }, "1", false],
        [{ do: "remove", id: 2 }, "1", true],
    ]);
});

test("what is not agreed to is not done", async () => {
    await open(flow(), [ASK]);
    await focus(2);
    await key("Delete");
    await contains(".modal-footer .btn-secondary").click();
    expect.verifySteps([[{ do: "remove", id: 2 }, "1", false]]);
});

test("what somebody else has changed meanwhile is shown", async () => {
    const theirs = flow({ version: "2", steps: [step(1, false, { name: "Good morning" })] });
    await open(flow(), [{ flow: theirs, conflict: "Somebody else has changed the journey." }]);
    await focus(2);
    await key("Delete");
    expect(".o_notification").toHaveText("Somebody else has changed the journey.");
    expect(queryAllTexts(".o_fluxforce_flow_step .fw-bold")).toEqual(["Good morning"]);
    expect.verifySteps([[{ do: "remove", id: 2 }, "1", false]]);
});
