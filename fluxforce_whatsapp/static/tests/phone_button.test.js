import { mailModels } from "@mail/../tests/mail_test_helpers";
import { describe, expect, test } from "@odoo/hoot";
import {
    asyncStep,
    contains,
    defineModels,
    fields,
    mockService,
    models,
    mountView,
    waitForSteps,
} from "@web/../tests/web_test_helpers";

import { userMayWriteAbout } from "./whatsapp_test_helpers";

describe.current.tags("desktop");

class Customer extends models.Model {
    _name = "customer";

    phone = fields.Char();

    _records = [
        { id: 1, phone: "+44 7400 123001" },
        { id: 2, phone: false },
    ];
}

defineModels({ ...mailModels, Customer });

const BUTTON = ".o_fluxforce_whatsapp_phone_button";
const open = (resId) =>
    mountView({
        type: "form",
        resModel: "customer",
        resId,
        arch: `<form><field name="phone" widget="phone"/></form>`,
    });

test("a number is written to with one click", async () => {
    userMayWriteAbout("customer");
    mockService("action", {
        doAction(action) {
            asyncStep(`${action.res_model} ${JSON.stringify(action.context)}`);
        },
    });
    await open(1);
    await contains("[name=phone] input").click(); // links beside a number show while one is at it
    await contains(BUTTON).click();
    await waitForSteps([
        'fluxforce.whatsapp.composer {"default_res_model":"customer","default_res_ids":"[1]"}',
    ]);
});

test("without a number there is no button", async () => {
    userMayWriteAbout("customer");
    await open(2);
    expect(BUTTON).toHaveCount(0);
});

test("documents that no template is made for have no button", async () => {
    userMayWriteAbout("res.partner");
    await open(1);
    expect(BUTTON).toHaveCount(0);
});
