import { registry } from "@web/core/registry";

import { chooseTemplate, WRITE_TO_ALL } from "./steps";

/** A salesperson's day, without a word of documentation. Both begin on the form of the contact Ana Costa. */
registry.category("web_tour.tours").add("fluxforce_whatsapp_walk_send", {
    steps: () => [
        {
            content: "Click into the number",
            trigger: ".o_field_widget[name='phone'] input",
            run: "click",
        },
        {
            content: "The button beside it",
            trigger: ".o_field_widget[name='phone'] .o-fluxforce-whatsapp-PhoneField",
            run: "click",
        },
        {
            content: "Who did not write lately gets a template",
            trigger: ".modal .o_field_widget[name='mode'] .o_radio_item:contains('Template') input:checked",
        },
        ...chooseTemplate("order_update"),
        {
            content: "See it as Ana will",
            trigger: ".modal .o_fluxforce_phone_bubble:contains('Hi Ana Costa, your order S00042 is on its way.')",
        },
        {
            content: "An answer is not possible yet, and it says why",
            trigger: ".modal .o_field_widget[name='mode'] .o_radio_item:contains('Answer') input",
            run: "click",
        },
        {
            content: "It offers the templates instead",
            trigger: ".modal .alert-warning:contains('has not written in the last 24 hours')",
        },
        {
            content: "Back to the template",
            trigger: ".modal .o_field_widget[name='mode'] .o_radio_item:contains('Template') input",
            run: "click",
        },
        {
            content: "Send",
            trigger: ".modal button[name='action_send']:enabled",
            run: "click",
        },
        {
            content: "It is on its way",
            trigger: ".o_notification:contains('The message is on its way')",
        },
    ],
});

registry.category("web_tour.tours").add("fluxforce_whatsapp_walk_answer", {
    steps: () => [
        {
            content: "The reply stands in the chatter",
            trigger: ".o-mail-Chatter .o-mail-Message:contains('Thank you! Which colour is it?')",
        },
        {
            content: "Answer",
            trigger: ".o-mail-Chatter button.o-fluxforce-whatsapp-Chatter-send",
            run: "click",
        },
        {
            content: "The conversation is open, and it says for how long",
            trigger: ".modal .o_fluxforce_whatsapp_countdown:contains('The conversation closes in 23 h')",
        },
        {
            content: "Write",
            trigger: ".modal .o_field_widget[name='text'] textarea",
            run: "edit It is *blue*.",
        },
        {
            content: "The phone shows it",
            trigger: ".modal .o_fluxforce_phone_bubble:contains('It is blue.')",
        },
        {
            content: "It may go",
            trigger: ".modal .alert-success:contains('This person may be written to')",
        },
        {
            content: "Send",
            trigger: ".modal button[name='action_send']:enabled",
            run: "click",
        },
        {
            content: "It stands in the chatter",
            trigger: ".o-mail-Chatter .o-mail-Message:contains('It is blue.')",
        },
    ],
});

/** Begins on the same form: what was begun is offered again after a wrong click. */
registry.category("web_tour.tours").add("fluxforce_whatsapp_wrong_click", {
    steps: () => [
        {
            content: "Answer",
            trigger: ".o-mail-Chatter button.o-fluxforce-whatsapp-Chatter-send",
            run: "click",
        },
        {
            content: "Write",
            trigger: ".modal .o_field_widget[name='text'] textarea",
            run: "edit A long answer",
        },
        {
            content: "It is shown, so it is known to the server",
            trigger: ".modal .o_fluxforce_phone_bubble:contains('A long answer')",
            run: () => new Promise((resolve) => setTimeout(resolve, 1500)),
        },
        {
            content: "A wrong click",
            trigger: ".modal footer button:contains('Discard')",
            run: "click",
        },
        {
            content: "Open it again",
            trigger: "body:not(:has(.modal)) .o-mail-Chatter button.o-fluxforce-whatsapp-Chatter-send",
            run: "click",
        },
        {
            content: "Go on with it",
            trigger: ".modal button[name='action_take_up']",
            run: "click",
        },
        {
            content: "Nothing is lost",
            trigger: ".modal .o_field_widget[name='text'] textarea:value('A long answer')",
        },
        {
            content: "Enough",
            trigger: ".modal footer button:contains('Discard')",
            run: "click",
        },
        {
            content: "Back on the contact",
            trigger: "body:not(:has(.modal)) .o-mail-Chatter",
        },
    ],
});

/** Begins on a list of contacts that is sent to in the background. */
registry.category("web_tour.tours").add("fluxforce_whatsapp_bulk", {
    steps: () => [
        ...WRITE_TO_ALL,
        ...chooseTemplate("order_update"),
        {
            content: "The first person's message is there",
            trigger: ".modal .o_fluxforce_phone_bubble:contains('Hi ')",
        },
        {
            content: "It finds out by itself what will happen",
            trigger: ".modal .alert:contains('5 of 5 can be sent')",
        },
        {
            content: "Look at the next one",
            trigger: ".modal .o_fluxforce_whatsapp_browser .o_next",
            run: "click",
        },
        {
            content: "The second of five",
            trigger: ".modal .o_fluxforce_whatsapp_browser:contains('2 / 5')",
        },
        {
            content: "Send",
            trigger: ".modal button[name='action_send']:enabled",
            run: "click",
        },
        {
            content: "It shows how far it is",
            trigger: ".o_form_view .o_field_widget[name='progress'] .o_progressbar",
        },
        {
            content: "and that one need not wait",
            trigger: ".o_form_view:contains('You can close this page')",
        },
        {
            content: "It can be cancelled",
            trigger: ".o_form_view button[name='action_cancel']",
            run: "click",
        },
        {
            content: "It asks first",
            trigger: ".modal .modal-footer .btn-primary",
            run: "click",
        },
        {
            content: "It is cancelled",
            trigger: ".o_form_view .o_statusbar_status .o_arrow_button_current:contains('Cancelled')",
        },
    ],
});
