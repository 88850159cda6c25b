import { click, contains, insertText, openFormView, start, startServer } from "@mail/../tests/mail_test_helpers";
import { animationFrame, describe, expect, queryOne, test } from "@odoo/hoot";
import { asyncStep, onRpc, waitForSteps } from "@web/../tests/web_test_helpers";

import { defineWhatsappModels, mockComposerFor, userMaySend } from "./whatsapp_test_helpers";

describe.current.tags("desktop");
defineWhatsappModels();

const BUTTON = ".o-mail-Chatter button.o-fluxforce-whatsapp-Chatter-send";

async function openContact() {
    const pyEnv = await startServer();
    const partnerId = pyEnv["res.partner"].create({ name: "Ana Costa" });
    await start();
    await openFormView("res.partner", partnerId);
    return partnerId;
}

test("who may send sees the button on a contact", async () => {
    userMaySend();
    await openContact();
    await contains(BUTTON, { text: "WhatsApp" });
});

test("where there is no room for its word the button keeps its sign, and nothing beside it is cut off", async () => {
    userMaySend();
    await openContact();
    await contains(BUTTON, { text: "WhatsApp" });
    const topbar = queryOne(".o-mail-Chatter-topbar");
    const word = queryOne(`${BUTTON} span span`);
    const sign = queryOne(`${BUTTON} i`);
    const isShown = (part) => {
        const [inner, outer] = [part.getBoundingClientRect(), queryOne(BUTTON).getBoundingClientRect()];
        return inner.bottom <= outer.bottom && inner.right <= outer.right;
    };
    topbar.style.width = "800px";
    await animationFrame();
    expect([isShown(sign), isShown(word)]).toEqual([true, true]);

    topbar.style.width = "max-content";
    topbar.style.width = `${topbar.getBoundingClientRect().width - 40}px`;
    await animationFrame();
    expect([isShown(sign), isShown(word)]).toEqual([true, false]);
    expect(topbar.scrollWidth).toBe(topbar.clientWidth);
});

test("who may not send does not see it", async () => {
    await openContact();
    await contains(".o-mail-Chatter-sendMessage");
    await contains(BUTTON, { count: 0 });
});

test("a document that has neither contact nor number has no button", async () => {
    userMaySend();
    const pyEnv = await startServer();
    const recordId = pyEnv["res.fake"].create({ name: "Not a contact" });
    await start();
    await openFormView("res.fake", recordId, {
        arch: `<form><sheet><field name="name"/></sheet><chatter/></form>`,
    });
    await contains(".o-mail-Chatter-sendMessage");
    await contains(BUTTON, { count: 0 });
});

test("the button opens the composer for the contact", async () => {
    userMaySend();
    const partnerId = await openContact();
    mockComposerFor(partnerId);
    await click(BUTTON);
    await waitForSteps(["composer"]);
});

test("a number that was just typed is saved before it is written to", async () => {
    userMaySend();
    const pyEnv = await startServer();
    const partnerId = pyEnv["res.partner"].create({ name: "Ana Costa", phone: "+34 600 000 001" });
    await start();
    await openFormView("res.partner", partnerId, {
        arch: `<form><sheet><field name="phone"/></sheet><chatter/></form>`,
    });
    onRpc("res.partner", "web_save", ({ args }) => asyncStep(`saved ${args[1].phone}`));
    mockComposerFor(partnerId);
    await insertText(".o_field_widget[name=phone] input", "+34 600 000 002", { replace: true });
    await click(BUTTON);
    await waitForSteps(["saved +34 600 000 002", "composer"]);
});
