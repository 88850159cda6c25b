import { registry } from "@web/core/registry";

/** The life of the template parcel_left; between the tours Meta decides. */
const tours = registry.category("web_tour.tours");
const DRAFT = ".o_kanban_record:contains('parcel_left')";

const state = (label) => ({
    content: `It is ${label}`,
    trigger: `.o_statusbar_status .o_arrow_button_current:contains('${label}')`,
});

const press = (name, label) => ({
    content: `Press ${label}`,
    trigger: `.o_form_statusbar button[name='${name}']:contains('${label}'):enabled`,
    run: "click",
});

/** Begins in the list of templates, as the author. */
tours.add("fluxforce_whatsapp_template_write", {
    steps: () => [
        {
            content: "Begin a new one",
            trigger: ".o_control_panel button[name='action_new_draft']",
            run: "click",
        },
        {
            content: "Name it",
            trigger: ".o_field_widget[name='name'] textarea, .o_field_widget[name='name'] input",
            run: "edit parcel_left",
        },
        {
            content: "Write, with a variable where Meta does not take it",
            trigger: ".o_field_widget[name='body'] textarea",
            run: "edit {{name}}, your parcel has left our shop today. && press Tab",
        },
        {
            content: "The form says so beside the text",
            trigger: ".o_field_widget[name='problems_body'] .text-danger:contains('stands first or last')",
        },
        {
            content: "Put it right",
            trigger: ".o_field_widget[name='body'] textarea",
            run: "edit Hi {{name}}, your parcel has left our shop today. && press Tab",
        },
        {
            content: "Only the sample is missing",
            trigger: ".o_field_widget[name='problems_body']:not(:contains('stands first')):contains('sample')",
        },
        {
            content: "Give one",
            trigger: ".o_field_widget[name='variable_ids'] .o_data_row .o_data_cell[name='sample']",
            run: "click",
        },
        {
            content: "An invented name",
            trigger: ".o_field_widget[name='variable_ids'] .o_selected_row [name='sample'] input",
            run: "edit Mira && press Tab",
        },
        {
            content: "The phone shows it",
            trigger: ".o_field_widget[name='preview_data']:contains('Hi Mira, your parcel has left our shop today.')",
        },
        {
            content: "Meta can take it",
            trigger: ".text-success:contains('Meta can take it')",
        },
        press("action_ask_review", "Ask for Review"),
        state("In Review"),
        {
            content: "The text stays as it is now",
            trigger: ".o_field_widget[name='body']:not(:has(textarea))",
        },
    ],
});

/** Begins in Drafts and Reviews, as the approver. */
tours.add("fluxforce_whatsapp_template_approve", {
    steps: () => [
        {
            content: "Open what waits for a review",
            trigger: DRAFT,
            run: "click",
        },
        press("action_approve", "Approve"),
        state("Ready for Meta"),
    ],
});

/** The same for a text that was corrected. */
tours.add("fluxforce_whatsapp_template_approve_change", {
    steps: () => [
        {
            content: "Open what waits for a review",
            trigger: DRAFT,
            run: "click",
        },
        {
            content: "See what changed",
            trigger: ".o_notebook .nav-link[name='diff']",
            run: "click",
        },
        {
            content: "A word was added",
            trigger: ".o_fluxforce_whatsapp_diff ins:contains('Valencia')",
        },
        press("action_approve", "Approve"),
        state("Ready for Meta"),
    ],
});

/** Begins in Drafts and Reviews, as the author. */
tours.add("fluxforce_whatsapp_template_submit", {
    steps: () => [
        {
            content: "Open what was approved",
            trigger: DRAFT,
            run: "click",
        },
        press("action_submit", "Submit to Meta"),
        state("At Meta"),
        {
            content: "It is on its way",
            trigger: ".alert-info:contains('On its way to Meta')",
        },
    ],
});

/** After a rejection: begins in Drafts and Reviews, as the author. */
tours.add("fluxforce_whatsapp_template_correct", {
    steps: () => [
        {
            content: "Open what Meta rejected",
            trigger: DRAFT,
            run: "click",
        },
        {
            content: "It says why",
            trigger: ".alert-danger:contains('Its form is not valid')",
        },
        {
            content: "and what to change",
            trigger: ".alert-danger:contains('Look at the variables')",
        },
        press("action_take_back", "Correct It"),
        {
            content: "Say more",
            trigger: ".o_field_widget[name='body'] textarea",
            run: "edit Hi {{name}}, your parcel has left our shop in Valencia today. && press Tab",
        },
        {
            content: "The phone shows it",
            trigger: ".o_field_widget[name='preview_data']:contains('Valencia')",
        },
        press("action_ask_review", "Ask for Review"),
        state("In Review"),
    ],
});

/** Begins on the form of the contact Ana Costa, as the salesperson. */
tours.add("fluxforce_whatsapp_template_send", {
    steps: () => [
        {
            content: "Write to the contact",
            trigger: ".o-mail-Chatter button.o-fluxforce-whatsapp-Chatter-send",
            run: "click",
        },
        {
            content: "Look for the new template",
            trigger: ".modal .o_field_widget[name='template_id'] input",
            run: "edit parcel_left",
        },
        {
            content: "Choose it",
            trigger: ".modal .o_field_widget[name='template_id'] .dropdown-item:contains('parcel_left')",
            run: "click",
        },
        {
            content: "The contact's own name stands in it",
            trigger: ".modal:contains('Hi Ana Costa, your parcel has left our shop in Valencia today.')",
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
        {
            content: "Nothing is left open",
            trigger: "body:not(:has(.modal))",
        },
    ],
});

/** After a pause: begins on the template, as the salesperson. */
tours.add("fluxforce_whatsapp_template_paused", {
    steps: () => [
        {
            content: "It says what happened",
            trigger: ".alert-danger:contains('It is the first pause, for three hours')",
        },
        {
            content: "and keeps it",
            trigger: ".o_field_widget[name='history_ids'] .o_data_row:contains('Approved'):contains('Paused')",
        },
        {
            content: "Changing it is not offered",
            trigger: ".o_form_view:not(:has(button[name='action_change'])):not(:has(button[name='action_delete_at_meta']))",
        },
    ],
});
