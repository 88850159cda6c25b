import { mailModels } from "@mail/../tests/mail_test_helpers";
import { expect, describe, test } from "@odoo/hoot";
import { queryAllTexts } from "@odoo/hoot-dom";
import { advanceTime, animationFrame, Deferred, mockDate } from "@odoo/hoot-mock";
import {
    contains,
    defineModels,
    fields,
    MockServer,
    models,
    mountView,
    onRpc,
} from "@web/../tests/web_test_helpers";

describe.current.tags("desktop");

class Composer extends models.Model {
    _name = "fluxforce.whatsapp.composer";

    res_model = fields.Char();
    res_ids = fields.Char();
    mode = fields.Selection({ selection: [["template", "Template"], ["answer", "Answer"]] });
    template_id = fields.Many2one({ relation: "fluxforce.whatsapp.template" });
    text = fields.Text();
    record_count = fields.Integer();
    preview_index = fields.Integer();
    preview_name = fields.Char();
    window_until = fields.Datetime();
    is_large = fields.Boolean();
    fingerprint = fields.Char();
    told_for = fields.Char();
    begun_anew = fields.Boolean();
    send_at = fields.Datetime();
    option_ids = fields.One2many({ relation: "fluxforce.whatsapp.composer.option" });

    _records = [
        {
            id: 1,
            res_model: "res.partner",
            res_ids: "[7]",
            mode: "template",
            template_id: 1,
            record_count: 3,
            preview_index: 0,
            preview_name: "Ana Costa",
            window_until: "2026-06-01 12:00:00",
            is_large: true,
            fingerprint: "first",
            told_for: false,
        },
    ];
}

class Option extends models.Model {
    _name = "fluxforce.whatsapp.composer.option";

    title = fields.Char();
    description = fields.Char();
}

class Template extends models.Model {
    _name = "fluxforce.whatsapp.template";

    name = fields.Char();

    _records = [
        { id: 1, name: "order_update" },
        { id: 2, name: "spring_offer" },
    ];
}

defineModels({ ...mailModels, Composer, Option, Template });

const mountComposer = (arch) =>
    mountView({ type: "form", resModel: "fluxforce.whatsapp.composer", resId: 1, arch: `<form>${arch}</form>` });

describe("one person after the other", () => {
    const ARCH = `<field name="record_count"/><field name="preview_index"/>
        <widget name="fluxforce_whatsapp_composer_browser"/>`;

    test("the arrows go from one to the next, and from the last to the first", async () => {
        await mountComposer(ARCH);
        expect(queryAllTexts(".o_fluxforce_whatsapp_browser span")[0]).toInclude("1 / 3");
        await contains(".o_next").click();
        expect(".o_fluxforce_whatsapp_browser").toHaveText(/2 \/ 3/);
        await contains(".o_previous").click();
        await contains(".o_previous").click();
        expect(".o_fluxforce_whatsapp_browser").toHaveText(/3 \/ 3/);
        await contains(".o_next").click();
        expect(".o_fluxforce_whatsapp_browser").toHaveText(/1 \/ 3/);
    });

    test("a single person needs no arrows", async () => {
        Composer._records[0].record_count = 1;
        await mountComposer(ARCH);
        expect(".o_next").toHaveCount(0);
        expect(".o_fluxforce_whatsapp_browser").toHaveText("Ana Costa");
    });
});

describe("how long the conversation stays open", () => {
    const ARCH = `<field name="window_until" widget="fluxforce_whatsapp_countdown"/>`;

    test("hours and minutes are counted down", async () => {
        mockDate("2026-06-01 08:47:30", 0);
        await mountComposer(ARCH);
        expect(".o_fluxforce_whatsapp_countdown").toHaveText("The conversation closes in 3 h 12 min.");
        expect(".o_fluxforce_whatsapp_countdown").not.toHaveClass("text-danger");
        await advanceTime(60000);
        expect(".o_fluxforce_whatsapp_countdown").toHaveText("The conversation closes in 3 h 11 min.");
    });

    test("the last hour is urgent, the last minute is told in seconds, then it is over", async () => {
        mockDate("2026-06-01 11:58:30", 0);
        await mountComposer(ARCH);
        expect(".o_fluxforce_whatsapp_countdown").toHaveText("The conversation closes in 1 min.");
        expect(".o_fluxforce_whatsapp_countdown").toHaveClass("text-danger");
        await advanceTime(60000);
        expect(".o_fluxforce_whatsapp_countdown").toHaveText(/^The conversation closes in (29|30) s\.$/);
        await advanceTime(31000);
        expect(".o_fluxforce_whatsapp_countdown").toHaveText("The conversation has closed. Send a template.");
    });
});

describe("what will happen to many", () => {
    const ARCH = `<field name="template_id"/><widget name="fluxforce_whatsapp_composer_asker"/>`;

    function onAsk() {
        onRpc("fluxforce.whatsapp.composer", "ask", ({ args }) => {
            expect.step(`ask ${args[0]}`);
            MockServer.env["fluxforce.whatsapp.composer"].write([1], { told_for: "first" });
            return true;
        });
    }

    test("is asked for by itself, once", async () => {
        onAsk();
        await mountComposer(ARCH);
        expect.verifySteps([]);
        await advanceTime(500);
        await expect.waitForSteps(["ask 1"]);
        await advanceTime(2000);
        expect.verifySteps([]);
    });

    test("is not asked for again when it is known", async () => {
        onAsk();
        Composer._records[0].told_for = "first";
        await mountComposer(ARCH);
        await advanceTime(2000);
        expect.verifySteps([]);
    });

    test("is not asked for a few people", async () => {
        onAsk();
        Composer._records[0].is_large = false;
        await mountComposer(ARCH);
        await advanceTime(2000);
        expect.verifySteps([]);
    });

    test("an answer that fails is not asked for again and again", async () => {
        expect.errors(1);
        onRpc("fluxforce.whatsapp.composer", "ask", () => {
            expect.step("ask");
            throw new Error("broken");
        });
        await mountComposer(ARCH);
        await advanceTime(5000);
        await animationFrame();
        await advanceTime(5000);
        expect.verifySteps(["ask"]);
        expect.verifyErrors([/broken/]);
    });
});

describe("what is being written", () => {
    const ARCH = `<field name="res_model"/><field name="res_ids"/><field name="mode"/><field name="text"/>
        <widget name="fluxforce_whatsapp_composer_keeper"/>`;

    function onRemember() {
        onRpc("fluxforce.whatsapp.composer", "remember", ({ args }) => {
            expect.step(`${JSON.stringify(args[0])} ${args[1].text}`);
            return true;
        });
    }

    test("is kept a moment after the last key", async () => {
        onRemember();
        await mountComposer(ARCH);
        await advanceTime(2000);
        expect.verifySteps([]);
        await contains("[name=text] textarea").edit("It has arrived");
        await advanceTime(1000);
        expect.verifySteps(['{"id":1} It has arrived']);
        await advanceTime(2000);
        expect.verifySteps([]);
    });

    test("what was begun before is offered no more", async () => {
        onRemember();
        await mountComposer(`${ARCH}<field name="begun_anew"/>`);
        expect("[name=begun_anew] input").not.toBeChecked();
        await contains("[name=text] textarea").edit("Something else");
        await advanceTime(1000);
        await expect.waitForSteps(['{"id":1} Something else']);
        await animationFrame();
        expect("[name=begun_anew] input").toBeChecked();
    });

    test("is shown while it is typed", async () => {
        onRemember();
        await mountComposer(`${ARCH}<div class="shown" invisible="text != 'Hello'">Hello</div>`);
        await contains("[name=text] textarea").edit("Hello", { confirm: false });
        expect(".shown").toHaveCount(0);
        await advanceTime(600);
        await animationFrame();
        expect(".shown").toHaveCount(1);
        await advanceTime(1000);
        await expect.waitForSteps(['{"id":1} Hello']);
    });

    test("is kept one after the other, however slow the server is", async () => {
        const slow = new Deferred();
        onRpc("fluxforce.whatsapp.composer", "remember", async ({ args }) => {
            expect.step(args[1].text);
            await slow;
            return true;
        });
        await mountComposer(ARCH);
        await contains("[name=text] textarea").edit("It has");
        await advanceTime(1000);
        await contains("[name=text] textarea").edit("It has arrived");
        await advanceTime(1000);
        expect.verifySteps(["It has"]);
        slow.resolve();
        await expect.waitForSteps(["It has arrived"]);
    });

    test("labels of buttons and the planned moment are kept as well", async () => {
        onRpc("fluxforce.whatsapp.composer", "remember", ({ args }) => {
            expect.step(`${args[1].send_at} ${JSON.stringify(args[1].options)}`);
            return true;
        });
        Composer._records[0].send_at = "2031-01-02 08:00:00";
        await mountComposer(`${ARCH}<field name="send_at"/><field name="option_ids">
            <list editable="bottom"><field name="title"/><field name="description"/></list></field>`);
        await contains(".o_field_x2many_list_row_add a").click();
        await contains("[name=title] input").edit("Yes, please");
        await advanceTime(2000);
        expect.verifySteps(['2031-01-02 08:00:00 [["Yes, please",""]]']);
    });

    test("a composer that is not saved yet is known by its documents", async () => {
        onRemember();
        await mountView({
            type: "form",
            resModel: "fluxforce.whatsapp.composer",
            arch: `<form>${ARCH}</form>`,
            context: { default_res_model: "res.partner", default_res_ids: "[7]" },
        });
        await contains("[name=text] textarea").edit("Hello");
        await advanceTime(1000);
        expect.verifySteps(['{"res_model":"res.partner","res_ids":"[7]"} Hello']);
    });
});

test("a progress bar is looked at again while it is shown", async () => {
    onRpc("fluxforce.whatsapp.composer", "web_read", () => expect.step("read"));
    await mountComposer(`<field name="record_count"/><widget name="fluxforce_whatsapp_live"/>`);
    expect.verifySteps(["read"]);
    await advanceTime(2000);
    await animationFrame();
    expect.verifySteps(["read"]);
});
