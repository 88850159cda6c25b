import { mailModels, startServer } from "@mail/../tests/mail_test_helpers";
import { expect } from "@odoo/hoot";
import {
    asyncStep,
    defineModels,
    fields,
    mockService,
    patchWithCleanup,
} from "@web/../tests/web_test_helpers";
import { session } from "@web/session";

/** Sends what our server adds to a notification, see models/mail_notification.py. */
class MailNotification extends mailModels.MailNotification {
    whatsapp_explanation = fields.Char();
    whatsapp_number = fields.Char();

    get _to_store_defaults() {
        return [...super._to_store_defaults, "whatsapp_explanation", "whatsapp_number"];
    }
}

export function defineWhatsappModels() {
    return defineModels({ ...mailModels, MailNotification });
}

/** Decides for the test whether the user may send, and on which models; without it nobody may. */
export function userMaySend(models = { "res.partner": ["phone"] }) {
    patchWithCleanup(session, { whatsapp_models: models });
}

/** Steps "composer" when the composer is opened for a contact, and opens nothing. */
export function mockComposerFor(partnerId) {
    mockService("action", {
        doAction(action) {
            if (action.res_model === "fluxforce.whatsapp.composer") {
                asyncStep("composer");
                expect(action.target).toBe("new");
                expect(action.context).toEqual({
                    default_res_model: "res.partner",
                    default_res_ids: `[${partnerId}]`,
                });
                return;
            }
            return super.doAction(...arguments);
        },
    });
}

/** A contact with one message in its chatter: one of WhatsApp, unless another type is given. */
export async function prepareWhatsappMessage(
    notification_status,
    { message_type = "whatsapp_message", author_id, email_from, ...values } = {}
) {
    const pyEnv = await startServer();
    const partnerId = pyEnv["res.partner"].create({ name: "Ana Costa", partner_share: true });
    const messageId = pyEnv["mail.message"].create({
        body: "Hi Ana Costa, your order is on its way.",
        ...(author_id === undefined ? {} : { author_id, email_from }),
        message_type,
        model: "res.partner",
        res_id: partnerId,
    });
    pyEnv["mail.notification"].create({
        mail_message_id: messageId,
        notification_status,
        notification_type: "whatsapp",
        res_partner_id: partnerId,
        ...values,
    });
    return { partnerId, messageId, pyEnv };
}
