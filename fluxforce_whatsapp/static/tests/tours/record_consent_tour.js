import { registry } from "@web/core/registry";

/** Begins on the form of a contact that has not agreed to anything. */
registry.category("web_tour.tours").add("fluxforce_whatsapp_record_consent", {
    steps: () => [
        {
            content: "Open the contact's tab WhatsApp",
            trigger: ".o_notebook .nav-link[name='whatsapp']",
            run: "click",
        },
        {
            content: "It says what to do first",
            trigger: "p:contains('This person has not agreed to anything yet')",
        },
        {
            content: "Record what was agreed",
            trigger: "button:contains('Record Consent')",
            run: "click",
        },
        {
            content: "The contact is filled in",
            trigger: ".modal .o_field_widget[name='partner_id'] input:value('Ana Costa')",
        },
        {
            content: "What for",
            trigger: ".modal .o_field_widget[name='purpose'] .o_radio_item:contains('Service updates') input",
            run: "click",
        },
        {
            content: "How do we know",
            trigger: ".modal .o_field_widget[name='source'] input",
            run: "click",
        },
        {
            content: "From a form",
            trigger: ".o_select_menu_item:contains('Web form')",
            run: "click",
        },
        {
            content: "In which words",
            trigger: ".modal .o_field_widget[name='wording'] textarea",
            run: "edit Yes, keep me posted on WhatsApp.",
        },
        {
            content: "Keep it",
            trigger: ".modal .o_form_button_save",
            run: "click",
        },
        {
            content: "The contact shows it",
            trigger: ".o_field_widget[name='whatsapp_consent_utility']:contains('Given')",
        },
    ],
});
