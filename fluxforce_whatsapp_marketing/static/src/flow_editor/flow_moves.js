/** Where a step may go and what is written when it goes there. Plain functions, no components. */
import { isWithin, siblings } from "./flow_tree";

/**
 * @typedef {import("./flow_tree").Tree} Tree
 *
 * @typedef {Object} StepType as the server describes it
 * @property {string} type
 * @property {[string, string][]} triggers how a step may follow one of this type: key and label
 *
 * @typedef {Object} Place
 * @property {number|false} parentId the step after which it stands; false for the beginning
 * @property {number|false} aboveId the step that follows it from then on: it goes between the two; false for "as well"
 */

// What somebody means most often, by what it follows.
const FIRST_CHOICE = { condition: "yes", split: "variant" };
const SECOND_CHOICE = { condition: "no" };

/** @returns {[string, string][]} how a step may follow the one with this id, or begin the journey */
export function triggersAfter(tree, types, parentId) {
    const type = parentId ? tree.byId.get(parentId).step.type : "begin";
    return types.find((one) => one.type === type)?.triggers || [];
}

/** The trigger a new step gets when nobody has chosen one. */
export function defaultTrigger(tree, types, parentId) {
    const possible = triggersAfter(tree, types, parentId).map(([key]) => key);
    const parent = parentId && tree.byId.get(parentId);
    const used = new Set(parent ? parent.children.map((node) => node.step.trigger) : []);
    const wanted = parent ? FIRST_CHOICE[parent.step.type] : undefined;
    const choice = used.has(wanted) ? SECOND_CHOICE[parent.step.type] || wanted : wanted;
    return possible.includes(choice) ? choice : possible[0];
}

/** A step that is moved keeps its trigger where that is possible. */
export function triggerAfterMove(tree, types, id, parentId) {
    const { trigger } = tree.byId.get(id).step;
    const possible = triggersAfter(tree, types, parentId).map(([key]) => key);
    return possible.includes(trigger) ? trigger : defaultTrigger(tree, types, parentId);
}

/** A step cannot follow itself or what comes after it. */
export function canMove(tree, id, parentId) {
    return tree.byId.has(id) && (!parentId || (tree.byId.has(parentId) && !isWithin(tree, parentId, id)));
}

/** Whether a place would leave a step where it is. */
function isWhereItIs(tree, id, { parentId, aboveId }) {
    const node = tree.byId.get(id);
    return aboveId === id || (!aboveId && parentId === idOf(node.parent));
}

function idOf(node) {
    return node ? node.step.id : false;
}

/** The places a step can be put at, from top to bottom: above each step and after each as one more.
 *
 * @param {Tree} tree
 * @param {number} [id] of the step to move; none for a new one
 * @returns {Place[]}
 */
export function placesFor(tree, id) {
    const of = (node) => [
        { parentId: idOf(node.parent), aboveId: node.step.id },
        ...node.children.flatMap(of),
        { parentId: node.step.id, aboveId: false },
    ];
    const places = [...tree.roots.flatMap(of), { parentId: false, aboveId: false }];
    return places.filter((place) => !id || isPossible(tree, id, place));
}

/** Whether a step can be moved to a place and would not stand there already. */
export function isPossible(tree, id, place) {
    return canMove(tree, id, place.parentId) && !isWhereItIs(tree, id, place);
}

export function isSame(one, other) {
    return Boolean(one && other) && one.parentId === other.parentId && one.aboveId === other.aboveId;
}

/** How a step of a type follows at a place: what it goes above of hands it its own way. */
export function triggerAt(tree, types, { parentId, aboveId }) {
    return aboveId ? tree.byId.get(aboveId).step.trigger : defaultTrigger(tree, types, parentId);
}

/** The change the server is asked for when a step is moved to a place. */
export function moveChange(tree, types, id, place) {
    const { parentId, aboveId } = place;
    const trigger = aboveId
        ? triggerAt(tree, types, place)
        : triggerAfterMove(tree, types, id, parentId);
    return { do: "move", id, parent_id: parentId, above_id: aboveId, trigger };
}

/** Whether a step has one beside it to change places with.
 *
 * @param {-1|1} by to the left (up) or to the right (down)
 */
export function canShift(tree, id, by) {
    const node = tree.byId.get(id);
    const row = siblings(tree, node);
    return Boolean(row[row.indexOf(node) + by]);
}

/** Which of several rectangles a point is in or next to.
 *
 * @param {DOMRect[]} rects
 * @param {number} x
 * @param {number} y
 * @param {number} reach how far away it may be, in the same units
 * @returns {number} index, -1 for none
 */
export function nearest(rects, x, y, reach) {
    const distances = rects.map(({ left, right, top, bottom }) =>
        Math.hypot(Math.max(left - x, 0, x - right), Math.max(top - y, 0, y - bottom))
    );
    const least = Math.min(...distances);
    return least <= reach ? distances.indexOf(least) : -1;
}
