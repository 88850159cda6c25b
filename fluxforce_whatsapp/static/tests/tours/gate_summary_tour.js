import { registry } from "@web/core/registry";

import { chooseTemplate, WRITE_TO_ALL } from "./steps";

/** Begins on a list of contacts: two have agreed, one has not, one has no number. */
registry.category("web_tour.tours").add("fluxforce_whatsapp_gate_summary", {
    steps: () => [
        ...WRITE_TO_ALL,
        ...chooseTemplate("support_hours"),
        {
            content: "It says how many get it",
            trigger: ".modal .alert-warning:contains('2 of 4 can be sent')",
        },
        {
            content: "and who",
            trigger:
                ".modal [name='group_ids'] .o_data_row:contains('They get it'):contains('Ana Costa, Ben Okafor')",
        },
        {
            content: "who lacks a number",
            trigger:
                ".modal [name='group_ids'] .o_data_row:contains('There is no phone number'):contains('Petra Phoneless')",
        },
        {
            content: "who has not agreed",
            trigger: ".modal [name='group_ids'] .o_data_row:contains('has not agreed'):contains('Chloe Martin')",
        },
        {
            content: "Open those who have not agreed",
            trigger: ".modal [name='group_ids'] .o_data_row:contains('has not agreed') button:contains('Show')",
            run: "click",
        },
        {
            content: "They alone are listed, in place of the composer",
            trigger: "body:not(:has(.modal)) .o_list_view:not(:contains('Ana Costa')):not(:contains('Petra Phoneless')) .o_data_row:contains('Chloe Martin')",
        },
    ],
});

/** Begins on a list of people who agreed to offers, while people block the number. */
registry.category("web_tour.tours").add("fluxforce_whatsapp_gate_critical", {
    steps: () => [
        ...WRITE_TO_ALL,
        {
            content: "Look for an offer",
            trigger: ".modal .o_field_widget[name='template_id'] input",
            run: "edit spring_offer",
        },
        {
            content: "Choose it",
            trigger: ".modal .o_field_widget[name='template_id'] .dropdown-item:contains('spring_offer')",
            run: "click",
        },
        {
            content: "It warns",
            trigger: ".modal .alert-danger:contains('people block or report it')",
        },
        {
            content: "Say why it is sent nevertheless",
            trigger: ".modal .o_field_widget[name='override_reason'] input",
            run: "edit Recall of a helmet",
        },
        {
            content: "Send",
            trigger: ".modal button[name='action_send']:enabled",
            run: "click",
        },
        {
            content: "They are on their way",
            trigger: ".o_notification:contains('messages are on their way')",
        },
    ],
});
