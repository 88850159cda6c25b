import { describe, expect, test } from "@odoo/hoot";

import {
    buildTree,
    chooseLayout,
    COLUMN_WIDTH,
    countColumns,
    isWithin,
    readingOrder,
} from "@fluxforce_whatsapp_marketing/flow_editor/flow_tree";

describe.current.tags("headless");

const step = (id, parent_id, values = {}) => ({
    id,
    parent_id,
    sequence: 10,
    type: "whatsapp",
    trigger: parent_id ? "done" : "begin",
    ...values,
});
const ids = (nodes) => nodes.map((node) => node.step.id);

// 1 ─ 2 ─ 4
//   └ 3
const JOURNEY = [step(1, false), step(2, 1), step(3, 1), step(4, 2)];

test("steps stand below the one they follow", () => {
    const tree = buildTree(JOURNEY);
    expect(ids(tree.roots)).toEqual([1]);
    expect(ids(tree.byId.get(1).children)).toEqual([2, 3]);
    expect(tree.byId.get(4).depth).toBe(2);
});

test("steps beside each other are in the order of their sequence, then of their making", () => {
    const tree = buildTree([step(1, false), step(9, 1), step(5, 1), step(7, 1, { sequence: 1 })]);
    expect(ids(tree.byId.get(1).children)).toEqual([7, 5, 9]);
});

test("the outline is read branch by branch", () => {
    expect(ids(readingOrder(buildTree(JOURNEY)))).toEqual([1, 2, 4, 3]);
});

test("a step whose parent is gone is shown as lost, with what follows it", () => {
    const tree = buildTree([step(1, false), step(3, 2), step(2, 99)]);
    expect(ids(tree.roots)).toEqual([1, 2]);
    expect(tree.byId.get(3).isLost).toBe(true);
    expect(tree.byId.get(1).isLost).toBe(false);
});

test("steps that follow each other in a circle are all shown, each once", () => {
    const tree = buildTree([step(1, 3), step(2, 1), step(3, 2)]);
    expect(ids(readingOrder(tree))).toEqual([1, 2, 3]);
    expect(tree.roots[0].isLost).toBe(true);
});

test("a step is within the branch of each one before it", () => {
    const tree = buildTree(JOURNEY);
    expect(isWithin(tree, 4, 1)).toBe(true);
    expect(isWithin(tree, 4, 4)).toBe(true);
    expect(isWithin(tree, 4, 3)).toBe(false);
});

test("each end of the journey takes a column", () => {
    expect(countColumns(buildTree(JOURNEY))).toBe(2);
    expect(countColumns(buildTree([]))).toBe(0);
});

test("the flow is drawn where it has room, the outline where it has not", () => {
    const tree = buildTree(JOURNEY);
    expect(chooseLayout(tree, 2 * COLUMN_WIDTH)).toBe("flow");
    expect(chooseLayout(tree, 2 * COLUMN_WIDTH - 1)).toBe("outline");
});
