/** The steps of a journey as a tree. Plain functions, no components. */

/**
 * @typedef {Object} Step one row as the server sends it
 * @property {number} id
 * @property {number|false} parent_id
 * @property {number} sequence
 * @property {string} type
 * @property {string} trigger
 *
 * @typedef {Object} Node
 * @property {Step} step
 * @property {Node|null} parent
 * @property {Node[]} children in the order in which they are served
 * @property {number} depth 0 for a root
 * @property {boolean} isLost nothing leads to it: its parent is gone, or the steps follow each other in a circle
 *
 * @typedef {Object} Tree
 * @property {Node[]} roots
 * @property {Map<number, Node>} byId
 */

function inOrder(steps) {
    return [...steps].sort((one, other) => one.sequence - other.sequence || one.id - other.id);
}

/** Nothing is left out and nothing is shown twice, whatever the rows say.
 *
 * @param {Step[]} steps
 * @returns {Tree}
 */
export function buildTree(steps) {
    const byParent = Map.groupBy(inOrder(steps), (step) => step.parent_id || 0);
    const byId = new Map();
    const add = (step, parent, isLost) => {
        const depth = parent ? parent.depth + 1 : 0;
        const node = { step, parent, children: [], depth, isLost };
        byId.set(step.id, node);
        for (const child of byParent.get(step.id) || []) {
            if (!byId.has(child.id)) {
                node.children.push(add(child, node, isLost));
            }
        }
        return node;
    };
    const roots = (byParent.get(0) || []).map((step) => add(step, null, false));
    const known = new Set(steps.map((step) => step.id));
    // First those whose parent is gone, then one of each circle.
    const lost = inOrder(steps).sort((one, other) => known.has(one.parent_id) - known.has(other.parent_id));
    for (const step of lost) {
        if (!byId.has(step.id)) {
            roots.push(add(step, null, true));
        }
    }
    return { roots, byId };
}

/** All nodes from top to bottom, as they are read in the outline. */
export function readingOrder(tree) {
    const below = (nodes) => nodes.flatMap((node) => [node, ...below(node.children)]);
    return below(tree.roots);
}

/** How many columns the flow takes: one for each end of it. */
export function countColumns(tree) {
    const of = (node) => node.children.reduce((sum, child) => sum + of(child), 0) || 1;
    return tree.roots.reduce((sum, root) => sum + of(root), 0);
}

/** Whether a step is another one or comes after it. */
export function isWithin(tree, id, ancestorId) {
    for (let node = tree.byId.get(id); node; node = node.parent) {
        if (node.step.id === ancestorId) {
            return true;
        }
    }
    return false;
}

/** The steps beside a node, itself among them. */
export function siblings(tree, node) {
    return node.parent ? node.parent.children : tree.roots;
}

export const FLOW = "flow";
export const OUTLINE = "outline";
// A card with its gap, in pixels: as narrow as its sentence can still be read.
export const COLUMN_WIDTH = 232;

/** Side by side where there is room for it, else one below the other: nobody has to scroll sideways.
 *
 * @param {Tree} tree
 * @param {number} width in pixels
 * @returns {"flow"|"outline"}
 */
export function chooseLayout(tree, width) {
    return countColumns(tree) * COLUMN_WIDTH <= width ? FLOW : OUTLINE;
}
