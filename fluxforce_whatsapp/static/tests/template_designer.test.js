import { describe, expect, test } from "@odoo/hoot";
import { click, edit, press, queryFirst } from "@odoo/hoot-dom";
import { animationFrame } from "@odoo/hoot-mock";
import { contains, defineModels, fields, models, mountView, onRpc } from "@web/../tests/web_test_helpers";

import { defineWhatsappModels } from "./whatsapp_test_helpers";

describe.current.tags("desktop");

class Draft extends models.Model {
    _name = "draft";

    body = fields.Text();
    parameter_format = fields.Char();
    version = fields.Integer();
    // The server takes it out of what is written, see the model of the draft.
    seen_version = fields.Integer();
    _records = [
        { id: 1, body: "Hi Mira, see you", parameter_format: "named", version: 7 },
        { id: 2, body: "Hi {{1}}, see you", parameter_format: "positional", version: 1 },
        { id: 3, body: "Hi {{variable}}, see you", parameter_format: "named", version: 1 },
    ];
}

defineWhatsappModels();
defineModels([Draft]);

const ARCH = `
    <form js_class="fluxforce_whatsapp_template_draft_form">
        <field name="parameter_format" invisible="1"/>
        <field name="version" invisible="1"/>
        <field name="body" widget="fluxforce_whatsapp_text" options="{'format_field': 'parameter_format'}"/>
    </form>`;
const BODY = ".o_field_widget[name=body] textarea";

async function open(resId, start, end = start) {
    await mountView({ type: "form", resModel: "draft", resId, arch: ARCH });
    const area = queryFirst(BODY);
    area.focus();
    area.setSelectionRange(start, end);
    return area;
}

async function insertVariable() {
    await click(".o_fluxforce_whatsapp_insert_variable");
    await animationFrame();
}

test("a button puts its mark around what is selected", async () => {
    await open(1, 3, 7);
    await click("button[title=Bold]");
    await animationFrame();
    expect(BODY).toHaveValue("Hi *Mira*, see you");
});

test("spaces at the edge of the selection stay outside of the marks", async () => {
    await open(1, 2, 7);
    await click("button[title=Italic]");
    await animationFrame();
    expect(BODY).toHaveValue("Hi _Mira_, see you");
});

test("selected words become the name of the variable", async () => {
    await open(1, 3, 7);
    await insertVariable();
    expect(BODY).toHaveValue("Hi {{mira}}, see you");
});

test("the name of a new variable is selected, to be typed over", async () => {
    const area = await open(1, 16);
    await insertVariable();
    expect(area.value.slice(area.selectionStart, area.selectionEnd)).toBe("variable");
});

test("a name that is there already gets a number", async () => {
    await open(3, 24);
    await insertVariable();
    expect(BODY).toHaveValue("Hi {{variable}}, see you{{variable_2}}");
});

test("where variables have numbers the next one is taken", async () => {
    await open(2, 17);
    await insertVariable();
    expect(BODY).toHaveValue("Hi {{1}}, see you{{2}}");
});

test("what a button puts is saved, with the version that was before the eyes", async () => {
    onRpc("web_save", ({ args }) => expect.step(args[1]));
    await open(1, 3, 7);
    await click("button[title=Bold]");
    await animationFrame();
    await contains(".o_form_button_save").click();
    expect.verifySteps([{ body: "Hi *Mira*, see you", seen_version: 7 }]);
});

test("without a change nothing is saved", async () => {
    onRpc("web_save", () => expect.step("saved"));
    await open(1, 3);
    await edit("Hi Mira, see you");
    await press("Tab");
    await animationFrame();
    expect.verifySteps([]);
});
