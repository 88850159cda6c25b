/** What the keyboard does in the flow. Plain functions, no components. */
import { FLOW, readingOrder, siblings } from "./flow_tree";

const COMMANDS = {
    Enter: "open",
    " ": "open",
    Delete: "remove",
    Backspace: "remove",
    Insert: "add",
    "+": "add",
    a: "add",
    m: "move",
    t: "test",
};
const SHIFTS = {
    [FLOW]: { ArrowLeft: -1, ArrowRight: 1 },
    outline: { ArrowUp: -1, ArrowDown: 1 },
};

/** The command behind a key, or undefined.
 *
 * @param {KeyboardEvent} ev
 * @param {"flow"|"outline"} layout
 * @returns {{name: string, by?: -1|1}|undefined}
 */
export function commandOf(ev, layout) {
    if (ev.ctrlKey || ev.metaKey) {
        return undefined;
    }
    if (ev.altKey) {
        const by = SHIFTS[layout][ev.key];
        return by && { name: "shift", by };
    }
    const name = COMMANDS[ev.key.length === 1 ? ev.key.toLowerCase() : ev.key];
    return name && { name };
}

/** The step to go to from another one; undefined if the key goes nowhere.
 *
 * In the flow arrows follow the picture, in the outline they follow the lines, as in every tree.
 *
 * @param {import("./flow_tree").Tree} tree
 * @param {number} id
 * @param {string} key
 * @param {"flow"|"outline"} layout
 * @returns {number|undefined}
 */
export function stepAt(tree, id, key, layout) {
    const order = readingOrder(tree);
    const node = tree.byId.get(id);
    if (key === "Home" || key === "End" || !node) {
        return order.at(key === "End" ? -1 : 0)?.step.id;
    }
    const next = layout === FLOW ? besides(tree, node, key) : alongside(order, node, key);
    return next?.step.id;
}

function besides(tree, node, key) {
    const row = siblings(tree, node);
    const index = row.indexOf(node);
    return {
        ArrowUp: node.parent,
        ArrowDown: node.children[0],
        ArrowLeft: row[index - 1],
        ArrowRight: row[index + 1],
    }[key];
}

function alongside(order, node, key) {
    const index = order.indexOf(node);
    return {
        ArrowUp: order[index - 1],
        ArrowDown: order[index + 1],
        ArrowLeft: node.parent,
        ArrowRight: node.children[0],
    }[key];
}

/** The place to go to while a step is being moved: all arrows lead through the places in their order. */
export function placeAt(places, index, key) {
    const last = places.length - 1;
    const steps = { ArrowUp: -1, ArrowLeft: -1, ArrowDown: 1, ArrowRight: 1 };
    if (key === "Home" || key === "End") {
        return key === "Home" ? 0 : last;
    }
    return key in steps ? Math.min(Math.max(index + steps[key], 0), last) : index;
}
