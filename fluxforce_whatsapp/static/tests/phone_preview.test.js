import { beforeEach, describe, expect, test } from "@odoo/hoot";
import { click, press, queryAllTexts, queryFirst } from "@odoo/hoot-dom";
import { animationFrame } from "@odoo/hoot-mock";
import { defineModels, fields, models, mountView, mountWithCleanup } from "@web/../tests/web_test_helpers";

import { browser } from "@web/core/browser/browser";
import { Phone } from "@fluxforce_whatsapp/phone_preview/phone_preview";
import { defineWhatsappModels } from "./whatsapp_test_helpers";

describe.current.tags("desktop");

class Template extends models.Model {
    _name = "template";

    preview_data = fields.Json();
    _records = [{ id: 1, preview_data: { body: "Hello *Ana*", name: "Bicycles" } }, { id: 2, preview_data: false }];
}

defineWhatsappModels();
defineModels([Template]);
beforeEach(() => browser.localStorage.clear());

const BUTTONS = ["One", "Two", "Three", "Four"].map((label) => ({ kind: "quick_reply", label }));
const CARD = {
    header: { format: "IMAGE" },
    body: "A *card*",
    buttons: [{ kind: "url", label: "See", detail: "https://example.com" }],
};

function show(data, props = {}) {
    return mountWithCleanup(Phone, { props: { data, ...props } });
}

test("the field shows the message on a phone", async () => {
    await mountView({
        type: "form",
        resModel: "template",
        resId: 1,
        arch: `<form><field name="preview_data" widget="whatsapp_phone_preview"/></form>`,
    });
    expect(".o_fluxforce_phone_name").toHaveText("Bicycles");
    expect(".o_fluxforce_phone_body b").toHaveText("Ana");
});

test("without anything to show the field says so", async () => {
    await mountView({
        type: "form",
        resModel: "template",
        resId: 2,
        arch: `<form><field name="preview_data" widget="whatsapp_phone_preview"/></form>`,
    });
    expect(".o_field_widget[name=preview_data]").toHaveText("Nothing to show yet.");
});

test("on a card the message stands alone", async () => {
    await mountView({
        type: "kanban",
        resModel: "template",
        arch: `
            <kanban><templates><t t-name="card">
                <field name="preview_data" widget="whatsapp_phone_preview" options="{'compact': True}"/>
            </t></templates></kanban>`,
    });
    expect(".o_fluxforce_phone_compact").toHaveCount(1);
    expect(".o_fluxforce_phone_top").toHaveCount(0);
});

test("marks are drawn and tags are words", async () => {
    await show({ body: "*b* _i_ ~s~ ```m```\n* one\n1. two\n> three\n<img src=x onerror=alert(1)>" });
    for (const tag of ["b", "i", "s", "code", "ul li", "ol li", "blockquote"]) {
        expect(`.o_fluxforce_phone_body ${tag}`).toHaveCount(1);
    }
    expect(".o_fluxforce_phone_body img").toHaveCount(0);
    expect(".o_fluxforce_phone_body").toHaveText(/<img src=x onerror=alert\(1\)>/);
});

test("sample values and missing ones are marked as such", async () => {
    await show({
        body: "Hi Mira, {{2}}.",
        samples: [
            [3, 7, "sample"],
            [9, 14, "missing"],
        ],
    });
    expect(".o_fluxforce_phone_body mark:first").toHaveText("Mira");
    expect(".o_fluxforce_phone_body mark:first").toHaveAttribute("title", "Example value");
    expect(".o_fluxforce_phone_body mark.o_fluxforce_phone_missing").toHaveText("{{2}}");
});

test("a text header is the title", async () => {
    await show({ header: { format: "TEXT", text: "Order S42", samples: [[6, 9, "sample"]] }, body: "Hello" });
    expect(".o_fluxforce_phone_title").toHaveText("Order S42");
    expect(".o_fluxforce_phone_title mark").toHaveText("S42");
});

for (const format of ["IMAGE", "VIDEO", "DOCUMENT", "LOCATION", "PRODUCT"]) {
    const label = format.charAt(0) + format.slice(1).toLowerCase();
    test(`a header of kind ${format} without a file is told by its name`, async () => {
        await show({ header: { format }, body: "Hello" });
        expect(`.o_fluxforce_phone_media [role=img]`).toHaveAttribute("aria-label", label);
    });
}

test("a picture is shown", async () => {
    await show({ header: { format: "IMAGE", url: "/web/static/img/logo.png" }, body: "Hello" });
    expect(".o_fluxforce_phone_media img").toHaveAttribute("data-src", "/web/static/img/logo.png");
});

test("a picture that does not come gives way to its placeholder", async () => {
    await show({ header: { format: "IMAGE", url: "https://cdn.example.com/gone.png" }, body: "Hello" });
    queryFirst(".o_fluxforce_phone_media img").dispatchEvent(new Event("error"));
    await animationFrame();
    expect(".o_fluxforce_phone_media img").toHaveCount(0);
    expect(".o_fluxforce_phone_media [role=img]").toHaveAttribute("aria-label", "Image");
});

test("what is no address of a picture is not fetched", async () => {
    await show({ header: { format: "IMAGE", url: "javascript:alert(1)" }, body: "Hello" });
    expect(".o_fluxforce_phone_media img").toHaveCount(0);
});

test("a document shows its name", async () => {
    await show({ header: { format: "DOCUMENT", filename: "S00042.pdf" }, body: "Hello" });
    expect(".o_fluxforce_phone_caption").toHaveText("S00042.pdf");
});

test("a place shows its name and address", async () => {
    await show({ header: { format: "LOCATION", text: "Workshop", address: "High Street 1" }, body: "Hello" });
    expect(".o_fluxforce_phone_place").toHaveText("Workshop\nHigh Street 1");
});

test("footer and time stand below the text", async () => {
    await show({ body: "Hello", footer: "Reply STOP", time: "14:32" });
    expect(".o_fluxforce_phone_footer").toHaveText("Reply STOP");
    expect(".o_fluxforce_phone_meta").toHaveText("14:32");
    expect(".o_fluxforce_phone_ticks").toHaveCount(0);
});

for (const [state, count, label] of [
    ["sent", 1, "Sent"],
    ["delivered", 2, "Delivered"],
    ["read", 2, "Read"],
]) {
    test(`of a message that was ${state} the sender sees the ticks`, async () => {
        await show({ body: "Hello", time: "14:32", state });
        expect(".o_fluxforce_phone_outgoing").toHaveCount(1);
        expect(".o_fluxforce_phone_ticks .fa-check").toHaveCount(count);
        expect(".o_fluxforce_phone_ticks").toHaveAttribute("aria-label", label);
    });
}

test("a long text is folded at a word and opens", async () => {
    await show({ body: "word ".repeat(200) });
    expect(queryFirst(".o_fluxforce_phone_body").textContent.length).toBeLessThan(800);
    await click(".o_fluxforce_phone_more");
    await animationFrame();
    expect(".o_fluxforce_phone_more").toHaveCount(0);
    expect(queryFirst(".o_fluxforce_phone_body").textContent.length).toBeGreaterThan(990);
});

test("marketing is folded after five lines", async () => {
    await show({ body: "1\n2\n3\n4\n5\n6\n7", marketing: true });
    await animationFrame();
    expect(".o_fluxforce_phone_more").toHaveText("Read more");
    expect(queryFirst(".o_fluxforce_phone_text").clientHeight).toBeLessThan(
        queryFirst(".o_fluxforce_phone_text").scrollHeight
    );
    await click(".o_fluxforce_phone_more");
    await animationFrame();
    expect(".o_fluxforce_phone_more").toHaveCount(0);
});

test("marketing of five lines is not folded", async () => {
    await show({ body: "1\n2\n3\n4\n5", marketing: true });
    await animationFrame();
    expect(".o_fluxforce_phone_more").toHaveCount(0);
});

test("an update of a few lines is not folded", async () => {
    await show({ body: "1\n2\n3\n4\n5\n6\n7" });
    await animationFrame();
    expect(".o_fluxforce_phone_more").toHaveCount(0);
});

test("each kind of button has its icon and says where it leads", async () => {
    await show({
        body: "Hello",
        buttons: [
            { kind: "url", label: "Track", detail: "https://example.com/t/42" },
            { kind: "phone_number", label: "Call", detail: "+12025550100" },
            { kind: "something_new", label: "New" },
        ],
    });
    expect(queryAllTexts(".o_fluxforce_phone_button")).toEqual(["Track", "Call", "New"]);
    expect(".o_fluxforce_phone_button .fa-external-link").toHaveCount(1);
    expect(".o_fluxforce_phone_button .fa-phone").toHaveCount(1);
    expect(".o_fluxforce_phone_button:first").toHaveAttribute(
        "title",
        "Opens a web page: https://example.com/t/42"
    );
});

test("three buttons are all shown", async () => {
    await show({ body: "Hello", buttons: BUTTONS.slice(0, 3) });
    expect(queryAllTexts(".o_fluxforce_phone_button")).toEqual(["One", "Two", "Three"]);
});

test("of more than three buttons two are shown and the rest behind one", async () => {
    await show({ body: "Hello", buttons: BUTTONS });
    expect(queryAllTexts(".o_fluxforce_phone_button")).toEqual(["One", "Two", "See all options"]);
    await click(".o_fluxforce_phone_all");
    await animationFrame();
    expect(queryAllTexts(".o_fluxforce_phone_sheet li")).toEqual(["One", "Two", "Three", "Four"]);
});

test("all options are closed with the keyboard", async () => {
    await show({ body: "Hello", buttons: BUTTONS });
    await click(".o_fluxforce_phone_all");
    await animationFrame();
    expect(".o_fluxforce_phone_close").toBeFocused();
    await press("Escape");
    await animationFrame();
    expect(".o_fluxforce_phone_sheet").toHaveCount(0);
    expect(".o_fluxforce_phone_all").toBeFocused();
});

test("cards are scrolled sideways, also with the keyboard", async () => {
    await show({ body: "Hello", cards: [CARD, CARD, CARD] });
    expect(".o_fluxforce_phone_card").toHaveCount(3);
    expect(".o_fluxforce_phone_cards").toHaveAttribute("tabindex", "0");
    const cards = queryFirst(".o_fluxforce_phone_cards");
    expect(cards.scrollWidth).toBeGreaterThan(cards.clientWidth);
    expect(".o_fluxforce_phone_card:first b").toHaveText("card");
    expect(".o_fluxforce_phone_card:first .o_fluxforce_phone_button").toHaveText("See");
    expect("[aria-label='Next card']").toHaveCount(1);
});

test("an offer shows its text, its end and its code", async () => {
    await show({ body: "Hello", offer: { text: "Ends soon!", expires: "2026-12-24", code: "25OFF" } });
    expect(".o_fluxforce_phone_offer").toHaveText("Ends soon!\nEnds 2026-12-24\nCode: 25OFF");
});

test("a language written from the right is shown so", async () => {
    await show({ body: "مرحبا", rtl: true, buttons: BUTTONS });
    expect(".o_fluxforce_phone_chat").toHaveAttribute("dir", "rtl");
});

test("the phone turns dark and stays so for the next one", async () => {
    await show({ body: "Hello" });
    expect(".o_fluxforce_phone").not.toHaveClass("o_fluxforce_phone_dark");
    await click(".o_fluxforce_phone_theme");
    await animationFrame();
    expect(".o_fluxforce_phone").toHaveClass("o_fluxforce_phone_dark");
    expect(".o_fluxforce_phone_theme").toHaveAttribute("aria-pressed", "true");
    await show({ body: "Hello again" });
    expect(".o_fluxforce_phone.o_fluxforce_phone_dark").toHaveCount(2);
});
