import { click, contains, openFormView, start, startServer } from "@mail/../tests/mail_test_helpers";
import { describe, test } from "@odoo/hoot";
import { waitForSteps } from "@web/../tests/web_test_helpers";

import { defineWhatsappModels, mockComposerFor, userMaySend } from "./whatsapp_test_helpers";

describe.current.tags("desktop");
defineWhatsappModels();

const BUTTON = ".o-fluxforce-whatsapp-PhoneField";

async function openContact(phone = "+44 7400 123001") {
    const pyEnv = await startServer();
    const partnerId = pyEnv["res.partner"].create({ name: "Ana Costa", phone });
    await start();
    await openFormView("res.partner", partnerId, {
        arch: `<form><field name="name"/><field name="phone" widget="phone"/></form>`,
    });
    return partnerId;
}

test("who may send sees the button beside the number", async () => {
    userMaySend();
    await openContact();
    await contains(BUTTON, { text: "WhatsApp" });
});

test("who may not send does not see it", async () => {
    await openContact();
    await contains(".o_field_phone");
    await contains(BUTTON, { count: 0 });
});

test("without a number there is no button", async () => {
    userMaySend();
    await openContact("");
    await contains(".o_field_phone");
    await contains(BUTTON, { count: 0 });
});

test("a number that messages do not go to has no button", async () => {
    userMaySend({ "res.partner": ["mobile"] });
    await openContact();
    await contains(".o_field_phone");
    await contains(BUTTON, { count: 0 });
});

test("the button opens the composer for the record", async () => {
    userMaySend();
    const partnerId = await openContact();
    mockComposerFor(partnerId);
    await click(BUTTON);
    await waitForSteps(["composer"]);
});
