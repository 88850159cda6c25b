import { click, contains, openFormView, start, startServer } from "@mail/../tests/mail_test_helpers";
import { describe, expect, test } from "@odoo/hoot";
import { asyncStep, mockService, waitForSteps } from "@web/../tests/web_test_helpers";

import { defineWhatsappModels, userMaySend } from "./whatsapp_test_helpers";

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
    mockService("action", {
        doAction(action) {
            if (action.res_model === "fluxforce.whatsapp.composer") {
                asyncStep("composer");
                expect(action.context).toEqual({
                    default_res_model: "res.partner",
                    default_res_ids: `[${partnerId}]`,
                });
                return;
            }
            return super.doAction(...arguments);
        },
    });
    await click(BUTTON);
    await waitForSteps(["composer"]);
});
