import { describe, expect, test } from "@odoo/hoot";

import { cutText, parseWhatsappText } from "@fluxforce_whatsapp/phone_preview/whatsapp_text";

describe.current.tags("headless");

const TAGS = { bold: "b", italic: "i", strike: "s", code: "code", link: "a" };

/** The tree in one line, to compare with: `<b>..</b>`, `[sample]`, `{missing}`. */
function written(nodes) {
    return nodes
        .map((node) => {
            if (TAGS[node.type]) {
                return `<${TAGS[node.type]}>${written(node.nodes)}</${TAGS[node.type]}>`;
            }
            return { text: node.text, sample: `[${node.text}]`, missing: `{${node.text}}` }[node.type];
        })
        .join("");
}

function oneLine(text, samples) {
    const [block, ...others] = parseWhatsappText(text, samples);
    expect(others).toHaveLength(0);
    return written(block.nodes);
}

test("the four marks of WhatsApp", () => {
    expect(oneLine("*a* _b_ ~c~ ```d``` `e`")).toBe(
        "<b>a</b> <i>b</i> <s>c</s> <code>d</code> <code>e</code>"
    );
});

test("marks inside each other", () => {
    expect(oneLine("*a _b ~c~_ d*")).toBe("<b>a <i>b <s>c</s></i> d</b>");
});

test("marks beside punctuation", () => {
    expect(oneLine("(*a*), ¡_b_!")).toBe("(<b>a</b>), ¡<i>b</i>!");
});

test("marks of other alphabets", () => {
    expect(oneLine("שלום *עולם* é*a*")).toBe("שלום <b>עולם</b> é*a*");
});

for (const text of ["2 * 3 * 4", "snake_case_name", "*a", "x * a*x", "**", "a*b*c", "~ a~", "``", "``````"]) {
    test(`no mark in "${text}"`, () => {
        expect(written(parseWhatsappText(text).flatMap((block) => block.nodes))).toBe(text);
    });
}

test("a mark ends on its own line", () => {
    expect(parseWhatsappText("*a\nb*").map((block) => written(block.nodes))).toEqual(["*a", "b*"]);
});

test("nothing inside a monospaced piece is a mark, not even the end of a line", () => {
    expect(oneLine("x ```*a*\n_b_``` y")).toBe("x <code>*a*\n_b_</code> y");
});

test("an address is a link, without the full stop and with its underscores", () => {
    expect(oneLine("See https://example.com/a_b_c?x=1. Now")).toBe(
        "See <a>https://example.com/a_b_c?x=1</a>. Now"
    );
});

test("tags are words", () => {
    expect(oneLine("<img src=x onerror=alert(1)> *<b>*")).toBe(
        "<img src=x onerror=alert(1)> <b><b></b>"
    );
});

test("lists, numbers and quotes", () => {
    const blocks = parseWhatsappText("* one\n- *two*\n\n3. three\n4. four\n> said");
    expect(blocks.map((block) => block.type)).toEqual(["bullets", "line", "numbers", "quote"]);
    expect(blocks[0].items.map(written)).toEqual(["one", "<b>two</b>"]);
    expect(blocks[2].start).toBe(3);
    expect(blocks[3].items.map(written)).toEqual(["said"]);
});

test("bold at the beginning of a line is no list", () => {
    expect(oneLine("*Order* sent")).toBe("<b>Order</b> sent");
});

test("samples are told apart, also inside marks and across them", () => {
    expect(oneLine("Hi *Mira* and {{x}}", [[4, 8, "sample"], [14, 19, "missing"]])).toBe(
        "Hi <b>[Mira]</b> and {{{x}}}"
    );
});

test("empty lines stay", () => {
    expect(parseWhatsappText("a\n\nb").map((block) => written(block.nodes))).toEqual(["a", "", "b"]);
});

test("a hostile text costs no more than its length", () => {
    const start = performance.now();
    for (const piece of ["*a", "_~*", "`", "```a", "> ", "1. ", "https://"]) {
        parseWhatsappText(piece.repeat(4000));
    }
    expect(performance.now() - start).toBeLessThan(2000);
});

test("a text is cut at a word", () => {
    expect(cutText("one two three", 9)).toBe("one two");
    expect(cutText("one two", 9)).toBe("one two");
    expect(cutText("a".repeat(100), 50)).toBe("a".repeat(50));
});

test("a cut leaves no half of a character", () => {
    expect(cutText(`${"a".repeat(49)}🚲`, 50)).toBe("a".repeat(49));
});
