import { contains, openFormView, patchVoiceMessageAudio, start, startServer } from "@mail/../tests/mail_test_helpers";
import { describe, test } from "@odoo/hoot";
import { patchWithCleanup } from "@web/../tests/web_test_helpers";

import { VoicePlayer } from "@mail/discuss/voice_message/common/voice_player";
import { defineWhatsappModels } from "./whatsapp_test_helpers";

describe.current.tags("desktop");
defineWhatsappModels();

test("a voice note the browser cannot decode is offered for download", async () => {
    patchVoiceMessageAudio();
    patchWithCleanup(VoicePlayer.prototype, {
        async fetchFile() {
            this.audioCtx.decodeAudioData = async () => {
                throw new DOMException("Unable to decode audio data", "EncodingError");
            };
            return new ArrayBuffer(1);
        },
    });
    const pyEnv = await startServer();
    const partnerId = pyEnv["res.partner"].create({ name: "Ana Costa" });
    const attachmentId = pyEnv["ir.attachment"].create({ name: "voice.ogg", mimetype: "audio/ogg" });
    pyEnv["discuss.voice.metadata"].create({ attachment_id: attachmentId });
    pyEnv["mail.message"].create({
        attachment_ids: [attachmentId],
        message_type: "comment",
        model: "res.partner",
        res_id: partnerId,
    });
    await start();
    await openFormView("res.partner", partnerId);
    await contains(".o-mail-VoicePlayer", { text: "Cannot be played here; download it" });
    await contains(".o-mail-VoicePlayer button", { count: 0 });
});
