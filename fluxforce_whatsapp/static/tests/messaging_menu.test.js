import { click, contains, start, startServer, triggerEvents } from "@mail/../tests/mail_test_helpers";
import { describe, expect, test } from "@odoo/hoot";
import { asyncStep, mockService, waitForSteps } from "@web/../tests/web_test_helpers";

import { defineWhatsappModels } from "./whatsapp_test_helpers";

describe.current.tags("desktop");
defineWhatsappModels();

/** Failed messages about contacts. */
async function prepareFailures(...notificationTypes) {
    const pyEnv = await startServer();
    for (const notification_type of notificationTypes) {
        const partnerId = pyEnv["res.partner"].create({ name: "Ana Costa" });
        const messageId = pyEnv["mail.message"].create({
            message_type: notification_type === "whatsapp" ? "whatsapp_message" : "sms",
            model: "res.partner",
            res_id: partnerId,
        });
        pyEnv["mail.notification"].create({
            mail_message_id: messageId,
            notification_status: "exception",
            notification_type,
        });
    }
}

test("a failure is named with its contact", async () => {
    await prepareFailures("whatsapp");
    await start();
    await click(".o_menu_systray i[aria-label='Messages']");
    await contains(".o-mail-NotificationItem-name", { text: "WhatsApp Failure: Contact" });
    await contains(".o-mail-NotificationItem-text", {
        text: "A WhatsApp message to “Ana Costa” failed",
    });
});

test("a failure has a picture of its own", async () => {
    await prepareFailures("whatsapp");
    await start();
    await click(".o_menu_systray i[aria-label='Messages']");
    await contains(".o-mail-NotificationItem img[data-src*='whatsapp_failure.svg']");
});

test("failures of several contacts open our outbox", async () => {
    await prepareFailures("whatsapp", "whatsapp");
    mockService("action", {
        doAction(action) {
            asyncStep("do_action");
            expect(action).toBe("fluxforce_whatsapp.fluxforce_whatsapp_failure_action");
        },
    });
    await start();
    await click(".o_menu_systray i[aria-label='Messages']");
    await click(".o-mail-NotificationItem", {
        text: "WhatsApp Failure: Contact",
        contains: [".badge", { text: "2" }],
    });
    await waitForSteps(["do_action"]);
});

test("failures of text messages still open theirs", async () => {
    await prepareFailures("sms", "sms");
    mockService("action", {
        doAction(action) {
            asyncStep("do_action");
            expect(action.name).toBe("SMS Failures");
        },
    });
    await start();
    await click(".o_menu_systray i[aria-label='Messages']");
    await click(".o-mail-NotificationItem", { text: "SMS Failure: Contact" });
    await waitForSteps(["do_action"]);
});

test("WhatsApp and text messages fail in entries of their own", async () => {
    await prepareFailures("whatsapp", "sms");
    await start();
    await click(".o_menu_systray i[aria-label='Messages']");
    await contains(".o-mail-NotificationItem", { count: 2 });
    await contains(".o-mail-NotificationItem", { text: "WhatsApp Failure: Contact" });
    await contains(".o-mail-NotificationItem", { text: "SMS Failure: Contact" });
});

test("a failure can be put aside", async () => {
    await prepareFailures("whatsapp");
    await start();
    await click(".o_menu_systray i[aria-label='Messages']");
    await triggerEvents(".o-mail-NotificationItem", ["mouseenter"], { text: "" });
    await click(".o-mail-NotificationItem [title='Mark As Read']");
    await contains(".o-mail-NotificationItem", { count: 0 });
});
