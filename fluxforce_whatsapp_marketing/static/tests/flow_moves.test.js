import { describe, expect, test } from "@odoo/hoot";

import { buildTree } from "@fluxforce_whatsapp_marketing/flow_editor/flow_tree";
import {
    canMove,
    canShift,
    defaultTrigger,
    isPossible,
    moveChange,
    nearest,
    placesFor,
    triggersAfter,
} from "@fluxforce_whatsapp_marketing/flow_editor/flow_moves";

describe.current.tags("headless");

const TYPES = [
    { type: "begin", triggers: [["begin", "At the Beginning"], ["date", "Around a Date"]] },
    { type: "whatsapp", triggers: [["done", "Sent"], ["read", "Read"], ["not_read", "Not Read"]] },
    { type: "wait", triggers: [["done", "Afterwards"]] },
    { type: "condition", triggers: [["yes", "Yes"], ["no", "No"]] },
    { type: "split", triggers: [["variant", "Variant"]] },
];

const step = (id, parent_id, type, trigger) => ({ id, parent_id, type, trigger, sequence: 10 });

// 1 WhatsApp ─ read ─ 2 Condition ─ yes ─ 4 Wait
//            └ not read ─ 3 WhatsApp
const TREE = buildTree([
    step(1, false, "whatsapp", "begin"),
    step(2, 1, "condition", "read"),
    step(3, 1, "whatsapp", "not_read"),
    step(4, 2, "wait", "yes"),
]);

test("what may follow a step depends on what it is", () => {
    expect(triggersAfter(TREE, TYPES, 2)).toEqual([["yes", "Yes"], ["no", "No"]]);
    expect(triggersAfter(TREE, TYPES, false)[0][0]).toBe("begin");
});

test("a new step follows a message when that is sent", () => {
    expect(defaultTrigger(TREE, TYPES, 1)).toBe("done");
});

test("after a condition the branch that is free is taken", () => {
    expect(defaultTrigger(TREE, TYPES, 2)).toBe("no");
    expect(defaultTrigger(buildTree([step(1, false, "condition", "begin")]), TYPES, 1)).toBe("yes");
});

test("a step cannot follow itself or what comes after it", () => {
    expect(canMove(TREE, 1, 4)).toBe(false);
    expect(canMove(TREE, 2, 2)).toBe(false);
    expect(canMove(TREE, 4, 3)).toBe(true);
    expect(canMove(TREE, 4, false)).toBe(true);
});

test("a step does not move to where it is", () => {
    expect(isPossible(TREE, 4, { parentId: 2, aboveId: false })).toBe(false);
    expect(isPossible(TREE, 4, { parentId: 2, aboveId: 4 })).toBe(false);
    expect(isPossible(TREE, 4, { parentId: 1, aboveId: 2 })).toBe(true);
});

test("a new step can go above each step and after each", () => {
    expect(placesFor(TREE)).toEqual([
        { parentId: false, aboveId: 1 },
        { parentId: 1, aboveId: 2 },
        { parentId: 2, aboveId: 4 },
        { parentId: 4, aboveId: false },
        { parentId: 2, aboveId: false },
        { parentId: 1, aboveId: 3 },
        { parentId: 3, aboveId: false },
        { parentId: 1, aboveId: false },
        { parentId: false, aboveId: false },
    ]);
});

test("a branch is offered no place within itself", () => {
    expect(placesFor(TREE, 2)).toEqual([
        { parentId: false, aboveId: 1 },
        { parentId: 1, aboveId: 3 },
        { parentId: 3, aboveId: false },
        { parentId: false, aboveId: false },
    ]);
});

test("a step that moves keeps how it follows where that is possible", () => {
    const change = moveChange(TREE, TYPES, 3, { parentId: 2, aboveId: false });
    expect(change).toEqual({ do: "move", id: 3, parent_id: 2, above_id: false, trigger: "no" });
    expect(moveChange(TREE, TYPES, 2, { parentId: 3, aboveId: false }).trigger).toBe("read");
});

test("a step that goes between two follows the way the lower one did", () => {
    expect(moveChange(TREE, TYPES, 4, { parentId: 1, aboveId: 3 })).toEqual({
        do: "move",
        id: 4,
        parent_id: 1,
        above_id: 3,
        trigger: "not_read",
    });
});

test("steps change places with the one beside them only", () => {
    expect(canShift(TREE, 2, 1)).toBe(true);
    expect(canShift(TREE, 2, -1)).toBe(false);
    expect(canShift(TREE, 4, 1)).toBe(false);
});

test("what is dropped falls into the place it is nearest to, if that is near", () => {
    const rect = (left, top) => ({ left, top, right: left + 100, bottom: top + 20 });
    const rects = [rect(0, 0), rect(0, 60)];
    expect(nearest(rects, 50, 10, 24)).toBe(0);
    expect(nearest(rects, 110, 65, 24)).toBe(1);
    expect(nearest(rects, 50, 45, 24)).toBe(1);
    expect(nearest(rects, 300, 10, 24)).toBe(-1);
    expect(nearest([], 50, 10, 24)).toBe(-1);
});
