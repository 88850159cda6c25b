/**
 * WhatsApp's formatting marks, read into a tree that a template draws. Nothing here makes HTML: a text stays text.
 *
 * Blocks: line {nodes}, bullets and numbers {items, start}, quote {lines}.
 * Nodes: bold, italic, strike, code, link {nodes}; text, sample, missing {text}.
 */

const MARKS = { "*": "bold", _: "italic", "~": "strike" };
const FENCE = "```";
// Of a word; the marks themselves are none, so that one may stand directly inside the other.
const WORD = /[\p{L}\p{N}]/u;
const ADDRESS = /https?:\/\/[^\s<>"']*[^\s<>"'.,!?:;)*_~]/y;
const BLOCKS = [
    ["bullets", /^[*-] (?=\S)/],
    ["numbers", /^(\d{1,3})\. (?=\S)/],
    ["quote", /^> (?=\S)/],
];
// How far back a cut looks for the end of a word. (Our own choice.)
const CUT_SEARCH = 40;

class Reader {
    constructor(text, samples) {
        this.text = text;
        this.samples = samples;
        this.fences = this.findFences();
    }

    /** Monospaced pieces come first: nothing inside them is a mark, not even the end of a line. */
    findFences() {
        const fences = new Map();
        let start = this.text.indexOf(FENCE);
        while (start !== -1) {
            const end = this.text.indexOf(FENCE, start + FENCE.length);
            if (end === -1) {
                break;
            }
            if (this.text.slice(start + FENCE.length, end).trim()) {
                fences.set(start, end + FENCE.length);
            }
            start = this.text.indexOf(FENCE, end + FENCE.length);
        }
        return fences;
    }

    /** The lines as [start, end], without those ends of line that are inside a monospaced piece. */
    lines() {
        const lines = [];
        let start = 0;
        for (let index = 0; index <= this.text.length; index++) {
            if (this.fences.has(index)) {
                index = this.fences.get(index) - 1;
            } else if (index === this.text.length || this.text[index] === "\n") {
                lines.push([start, index]);
                start = index + 1;
            }
        }
        return lines;
    }

    blocks() {
        const blocks = [];
        for (const [start, end] of this.lines()) {
            this.addLine(blocks, start, end);
        }
        return blocks;
    }

    addLine(blocks, start, end) {
        const line = this.text.slice(start, end);
        for (const [type, pattern] of BLOCKS) {
            const match = pattern.exec(line);
            if (match) {
                const nodes = this.nodes(start + match[0].length, end);
                const last = blocks.at(-1);
                if (last?.type === type) {
                    last.items.push(nodes);
                } else {
                    blocks.push({ type, items: [nodes], start: Number(match[1] || 1) });
                }
                return;
            }
        }
        blocks.push({ type: "line", nodes: this.nodes(start, end) });
    }

    /** The formatted pieces between two places of one line. */
    nodes(start, end) {
        const nodes = [];
        let plainFrom = start;
        let index = start;
        while (index < end) {
            const found = this.pieceAt(index, start, end);
            if (!found) {
                index++;
                continue;
            }
            nodes.push(...this.leaves(plainFrom, index), found.node);
            index = plainFrom = found.end;
        }
        return [...nodes, ...this.leaves(plainFrom, end)];
    }

    pieceAt(index, start, end) {
        const fenceEnd = this.fences.get(index);
        if (fenceEnd && fenceEnd <= end) {
            return this.codeBetween(index, fenceEnd, FENCE.length);
        }
        const char = this.text[index];
        if (char === "`") {
            return this.inlineCodeAt(index, end);
        }
        if (MARKS[char]) {
            return this.markAt(index, start, end);
        }
        return char === "h" ? this.linkAt(index, end) : null;
    }

    codeBetween(start, end, markLength) {
        const nodes = this.leaves(start + markLength, end - markLength);
        return { node: { type: "code", nodes }, end };
    }

    inlineCodeAt(index, end) {
        const close = this.text.indexOf("`", index + 1);
        if (close <= index + 1 || close >= end || !this.text.slice(index + 1, close).trim()) {
            return null;
        }
        return this.codeBetween(index, close + 1, 1);
    }

    /** A mark counts around text that begins and ends without a space, not inside a word; it ends on the same line. */
    markAt(index, start, end) {
        const mark = this.text[index];
        const close = this.text.indexOf(mark, index + 1);
        const isOpen = index === start || !WORD.test(this.text[index - 1]);
        if (!isOpen || close <= index + 1 || close >= end) {
            return null;
        }
        const inside = this.text.slice(index + 1, close);
        const isClosed = close + 1 >= this.text.length || !WORD.test(this.text[close + 1]);
        if (!isClosed || /^\s|\s$/.test(inside)) {
            return null;
        }
        return { node: { type: MARKS[mark], nodes: this.nodes(index + 1, close) }, end: close + 1 };
    }

    linkAt(index, end) {
        ADDRESS.lastIndex = index;
        const match = ADDRESS.exec(this.text);
        if (!match || index + match[0].length > end) {
            return null;
        }
        const linkEnd = index + match[0].length;
        return { node: { type: "link", nodes: this.leaves(index, linkEnd) }, end: linkEnd };
    }

    /** Plain text, cut where a sample begins and ends. */
    leaves(start, end) {
        const leaves = [];
        const add = (from, to, type) => {
            if (from < to) {
                leaves.push({ type, text: this.text.slice(from, to) });
            }
        };
        let from = start;
        for (const [sampleStart, sampleEnd, kind] of this.samples) {
            if (sampleEnd <= from || sampleStart >= end) {
                continue;
            }
            add(from, Math.max(from, sampleStart), "text");
            add(Math.max(from, sampleStart), Math.min(end, sampleEnd), kind);
            from = Math.min(end, sampleEnd);
        }
        add(from, end, "text");
        return leaves;
    }
}

/**
 * @param {string} text as written for WhatsApp
 * @param {[number, number, "sample"|"missing"][]} samples places of sample values, in order
 */
export function parseWhatsappText(text, samples = []) {
    return new Reader((text || "").replaceAll("\r", ""), samples).blocks();
}

/** The beginning of a text up to a limit, ending with a whole word where there is one. */
export function cutText(text, limit) {
    if (text.length <= limit) {
        return text;
    }
    const cut = text.slice(0, limit);
    const space = cut.search(/\s\S*$/);
    if (space > limit - CUT_SEARCH) {
        return cut.slice(0, space);
    }
    // Not between the two halves of a character.
    return /[\uD800-\uDBFF]$/.test(cut) ? cut.slice(0, -1) : cut;
}
