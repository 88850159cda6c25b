/** Steps that several tours have in common. */

/** On a list: choose all records and open the composer for them. */
export const WRITE_TO_ALL = [
    {
        content: "Choose all of them",
        trigger: ".o_list_view thead .o_list_record_selector input",
        run: "click",
    },
    {
        content: "Open what can be done with them",
        trigger: ".o_control_panel .o_cp_action_menus button:has(.fa-cog)",
        run: "click",
    },
    {
        content: "Write to them",
        trigger: ".o-dropdown--menu .o_menu_item:contains('Send WhatsApp')",
        run: "click",
    },
];

/** In the composer: choose a template by its name. */
export const chooseTemplate = (name) => [
    {
        content: "Look for a template",
        trigger: ".modal .o_field_widget[name='template_id'] input",
        run: `edit ${name}`,
    },
    {
        content: "Choose it",
        trigger: `.modal .o_field_widget[name='template_id'] .dropdown-item:contains('${name}')`,
        run: "click",
    },
];
