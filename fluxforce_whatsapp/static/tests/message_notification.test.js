import { click, contains, openFormView, start } from "@mail/../tests/mail_test_helpers";
import { describe, test } from "@odoo/hoot";

import { defineWhatsappModels, prepareWhatsappMessage } from "./whatsapp_test_helpers";

describe.current.tags("desktop");
defineWhatsappModels();

const TICKS = ".o-mail-Message .o-fluxforce-whatsapp-Ticks";
const POPOVER = ".o-mail-MessageNotificationPopover";

async function openContact(notification_status, values) {
    const { partnerId } = await prepareWhatsappMessage(notification_status, values);
    await start();
    await openFormView("res.partner", partnerId);
}

test("a WhatsApp message carries WhatsApp's sign and name", async () => {
    await openContact("sent");
    await contains(".o-mail-Message-notification i.fa-whatsapp");
    await contains(".o-mail-Message-notification", { text: "WhatsApp" });
});

test("queued shows a clock", async () => {
    await openContact("ready");
    await contains(`${TICKS}[title='Queued'] i`, { count: 1 });
    await contains(`${TICKS} i.fa-clock-o`);
});

test("in the sender's hands shows a clock", async () => {
    await openContact("process");
    await contains(`${TICKS}[title='Processing'] i.fa-clock-o`);
});

test("sent shows one tick", async () => {
    await openContact("pending");
    await contains(`${TICKS}[title='Sent'] i.fa-check`, { count: 1 });
});

test("delivered shows two ticks", async () => {
    await openContact("sent");
    await contains(`${TICKS}.o-sent[title='Delivered'] i.fa-check`, { count: 2 });
});

test("read shows two ticks of another colour", async () => {
    await openContact("read");
    await contains(`${TICKS}.o-read[title='Read'] i.fa-check`, { count: 2 });
});

test("a failure shows in red with its reason", async () => {
    await openContact("exception", {
        failure_type: "whatsapp_failed",
        whatsapp_explanation: "The number may not be on WhatsApp.",
    });
    await contains(".o-mail-Message-notification.text-danger i.fa-whatsapp");
    await contains(`${TICKS}[title='Not delivered'] i.fa-exclamation-circle`);
    await click(".o-mail-Message-notification");
    await contains(POPOVER, { text: "The number may not be on WhatsApp." });
});

test("a cancelled message is crossed out", async () => {
    await openContact("canceled");
    await contains(`${TICKS}[title='Cancelled'] i.fa-ban`);
});

test("the popover names the person and the number", async () => {
    await openContact("read", { whatsapp_number: "+447400123001" });
    await click(".o-mail-Message-notification");
    await contains(`${POPOVER} .o-fluxforce-whatsapp-Popover`, { count: 1 });
    await contains(POPOVER, { text: "Read" });
    await contains(POPOVER, { text: "Ana Costa" });
    await contains(POPOVER, { text: "+447400123001" });
});

test("an e-mail keeps the icons of core", async () => {
    await openContact("sent", { message_type: "email_outgoing", notification_type: "email" });
    await contains(".o-mail-Message-notification i.fa-envelope-o");
    await contains(TICKS, { count: 0 });
    await click(".o-mail-Message-notification");
    await contains(`${POPOVER} i.fa-check`, { count: 1 });
});

test("what a person wrote on WhatsApp carries its sign, though colleagues are told by e-mail", async () => {
    await openContact("sent", { notification_type: "email" });
    await contains(".o-mail-Message-notification i.fa-whatsapp");
    await contains(TICKS, { count: 0 });
});

test("an e-mail about it that fails shows as an e-mail: WhatsApp has not failed", async () => {
    await openContact("exception", { notification_type: "email" });
    await contains(".o-mail-Message-notification.text-danger i.fa-envelope");
    await contains(".o-mail-Message-notification i.fa-whatsapp", { count: 0 });
});

test("somebody who is no contact is shown by name, not by the address of our e-mails", async () => {
    await openContact("sent", { author_id: false, email_from: '"Nina \\"Nin\\" New" <shop@example.com>' });
    await contains(".o-mail-Message-author", { text: 'Nina "Nin" New' });
});

test("whoever writes by another way than WhatsApp keeps the address", async () => {
    await openContact("sent", {
        message_type: "comment",
        notification_type: "email",
        author_id: false,
        email_from: '"Nina New" <nina@example.com>',
    });
    await contains(".o-mail-Message-author", { text: '"Nina New" <nina@example.com>' });
});

test("a text message keeps the icons of core", async () => {
    await openContact("sent", { message_type: "sms", notification_type: "sms" });
    await contains(".o-mail-Message-notification i.fa-mobile");
    await contains(TICKS, { count: 0 });
});
