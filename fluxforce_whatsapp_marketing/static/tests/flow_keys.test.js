import { describe, expect, test } from "@odoo/hoot";

import { buildTree } from "@fluxforce_whatsapp_marketing/flow_editor/flow_tree";
import { commandOf, placeAt, stepAt } from "@fluxforce_whatsapp_marketing/flow_editor/flow_keys";

describe.current.tags("headless");

const step = (id, parent_id) => ({ id, parent_id, sequence: 10, type: "wait", trigger: "done" });
const key = (name, held = {}) => ({ key: name, ...held });

// 1 ─ 2 ─ 4
//   └ 3
const TREE = buildTree([step(1, false), step(2, 1), step(3, 1), step(4, 2)]);

test("in the flow the arrows follow the picture", () => {
    expect(stepAt(TREE, 1, "ArrowDown", "flow")).toBe(2);
    expect(stepAt(TREE, 2, "ArrowRight", "flow")).toBe(3);
    expect(stepAt(TREE, 3, "ArrowUp", "flow")).toBe(1);
    expect(stepAt(TREE, 3, "ArrowRight", "flow")).toBe(undefined);
});

test("in the outline they follow the lines", () => {
    expect(stepAt(TREE, 4, "ArrowDown", "outline")).toBe(3);
    expect(stepAt(TREE, 2, "ArrowUp", "outline")).toBe(1);
    expect(stepAt(TREE, 4, "ArrowLeft", "outline")).toBe(2);
    expect(stepAt(TREE, 1, "ArrowRight", "outline")).toBe(2);
});

test("Home and End lead to the first and the last step", () => {
    expect(stepAt(TREE, 4, "Home", "flow")).toBe(1);
    expect(stepAt(TREE, 1, "End", "outline")).toBe(3);
});

test("a step that is gone leads back to the first", () => {
    expect(stepAt(TREE, 99, "ArrowDown", "flow")).toBe(1);
    expect(stepAt(buildTree([]), 99, "ArrowDown", "flow")).toBe(undefined);
});

test("keys stand for what is done with a step", () => {
    expect(commandOf(key("Enter"), "flow")).toEqual({ name: "open" });
    expect(commandOf(key("M"), "flow")).toEqual({ name: "move" });
    expect(commandOf(key("Delete"), "flow")).toEqual({ name: "remove" });
    expect(commandOf(key("x"), "flow")).toBe(undefined);
});

test("what belongs to the browser stays with it", () => {
    expect(commandOf(key("a", { ctrlKey: true }), "flow")).toBe(undefined);
    expect(commandOf(key("m", { metaKey: true }), "flow")).toBe(undefined);
    expect(commandOf(key("m", { altKey: true }), "flow")).toBe(undefined);
});

test("with Alt a step changes places, in the direction in which it is drawn", () => {
    expect(commandOf(key("ArrowRight", { altKey: true }), "flow")).toEqual({ name: "shift", by: 1 });
    expect(commandOf(key("ArrowUp", { altKey: true }), "outline")).toEqual({ name: "shift", by: -1 });
    expect(commandOf(key("ArrowUp", { altKey: true }), "flow")).toBe(undefined);
});

test("while a step is moved all arrows lead through the places", () => {
    const places = ["first", "second", "third"];
    expect(placeAt(places, 0, "ArrowDown")).toBe(1);
    expect(placeAt(places, 0, "ArrowUp")).toBe(0);
    expect(placeAt(places, 1, "ArrowRight")).toBe(2);
    expect(placeAt(places, 1, "End")).toBe(2);
    expect(placeAt(places, 1, "x")).toBe(1);
});
