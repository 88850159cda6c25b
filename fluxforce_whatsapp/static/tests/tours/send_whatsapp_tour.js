import { registry } from "@web/core/registry";

import { chooseTemplate } from "./steps";

/** Both begin on the form of the contact Ana Costa. */
const MESSAGE = ".o-mail-Chatter .o-mail-Message:contains('Hi Ana Costa, your order S00042 is on its way.')";

registry.category("web_tour.tours").add("fluxforce_whatsapp_send", {
    steps: () => [
        {
            content: "Write to the contact",
            trigger: ".o-mail-Chatter button.o-fluxforce-whatsapp-Chatter-send",
            run: "click",
        },
        {
            content: "The composer knows whom it writes to",
            trigger: ".modal [name='recipient']:contains('+447400123001')",
        },
        ...chooseTemplate("order_update"),
        {
            content: "The preview shows the contact's own values",
            trigger: ".modal .o_fluxforce_phone_bubble:contains('Hi Ana Costa, your order S00042 is on its way.')",
        },
        {
            content: "The verdict is green",
            trigger: ".modal .alert-success:contains('This person may be written to')",
        },
        {
            content: "Send",
            trigger: ".modal button[name='action_send']:enabled",
            run: "click",
        },
        {
            content: "The dialog closes and says that it is on its way",
            trigger: ".o_notification:contains('The message is on its way')",
        },
        {
            content: "The message stands in the chatter, queued",
            trigger: `${MESSAGE} .o-fluxforce-whatsapp-Ticks[title='Queued'] i.fa-clock-o`,
        },
    ],
});

registry.category("web_tour.tours").add("fluxforce_whatsapp_read", {
    steps: () => [
        {
            content: "Two coloured ticks",
            trigger: `${MESSAGE} .o-fluxforce-whatsapp-Ticks.o-read[title='Read']`,
        },
        {
            content: "Open the details",
            trigger: `${MESSAGE} .o-mail-Message-notification`,
            run: "click",
        },
        {
            content: "They name the person and the number",
            trigger: ".o-mail-MessageNotificationPopover:contains('Ana Costa'):contains('+447400123001')",
        },
    ],
});

registry.category("web_tour.tours").add("fluxforce_whatsapp_refused", {
    steps: () => [
        {
            content: "Write to the contact",
            trigger: ".o-mail-Chatter button.o-fluxforce-whatsapp-Chatter-send",
            run: "click",
        },
        ...chooseTemplate("order_update"),
        {
            content: "The verdict is red and says why",
            trigger: ".modal .alert-danger:contains('has not agreed to messages of this kind')",
        },
        {
            content: "Send is out of reach",
            trigger: ".modal button.btn-primary:disabled:contains('Send')",
        },
        {
            content: "Give up",
            trigger: ".modal footer button:contains('Discard')",
            run: "click",
        },
        {
            content: "Back on the contact",
            trigger: "body:not(:has(.modal)) .o-mail-Chatter",
        },
    ],
});
