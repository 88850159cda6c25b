import { registry } from "@web/core/registry";

const ROW = ".o_data_row:contains('Ana Costa')";

/** Begins in the outbox, with one queued message for Ana Costa. */
registry.category("web_tour.tours").add("fluxforce_whatsapp_outbox", {
    steps: () => [
        {
            content: "It waits and says when it goes",
            trigger: `${ROW}:contains('Queued'):contains('in a moment')`,
        },
        {
            content: "Select it",
            trigger: `${ROW} .o_list_record_selector input`,
            run: "click",
        },
        {
            content: "Cancel it",
            trigger: ".o_control_panel button[name='action_cancel']",
            run: "click",
        },
        {
            content: "It asks first",
            trigger: ".modal:contains('out of the queue') .modal-footer .btn-primary",
            run: "click",
        },
        {
            content: "It says what was done",
            trigger: ".o_notification:contains('1 cancelled.')",
        },
        {
            content: "The row shows it",
            trigger: `${ROW}:contains('Cancelled')`,
        },
        {
            content: "Open it",
            trigger: `${ROW} .o_data_cell[name='partner_id']`,
            run: "click",
        },
        {
            content: "Put it back",
            trigger: ".o_form_view button[name='action_put_back']",
            run: "click",
        },
        {
            content: "It waits again",
            trigger: ".o_form_view .alert-info:contains('in a moment')",
        },
    ],
});

/** Begins on the form of a number with one queued message. */
registry.category("web_tour.tours").add("fluxforce_whatsapp_stop_number", {
    steps: () => [
        {
            content: "The queue is shown",
            trigger: ".o_field_widget[name='queue_due_count']:contains('1')",
        },
        {
            content: "Stop it",
            trigger: "button.btn-danger[name='action_pause']",
            run: "click",
        },
        {
            content: "It says who stopped it",
            trigger: ".alert-danger:contains('Stopped by Waldo Admin')",
        },
        {
            content: "Go on",
            trigger: "button[name='action_resume']",
            run: "click",
        },
        {
            content: "It asks first",
            trigger: ".modal .modal-footer .btn-primary",
            run: "click",
        },
        {
            content: "It may be stopped again",
            trigger: "button.btn-danger[name='action_pause']",
        },
    ],
});
