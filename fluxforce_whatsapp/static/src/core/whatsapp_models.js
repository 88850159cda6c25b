import { session } from "@web/session";

/** Whether messages can be written about documents of a model: there is a template for it, and the user may send. */
export function isWrittenTo(model) {
    return (session.fluxforce_whatsapp_models || []).includes(model);
}
