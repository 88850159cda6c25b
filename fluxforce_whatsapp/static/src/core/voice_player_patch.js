import { VoicePlayer } from "@mail/discuss/voice_message/common/voice_player";
import { _t } from "@web/core/l10n/translation";
import { patch } from "@web/core/utils/patch";

patch(VoicePlayer.prototype, {
    /**
     * What a phone recorded is not always what this browser can decode, and a file may be damaged. Core lets the error
     * through to the user, with a dialog each time the conversation is opened.
     */
    async drawBuffer(arrayBuffer) {
        try {
            await super.drawBuffer(arrayBuffer);
        } catch (error) {
            if (error?.name !== "EncodingError") {
                throw error;
            }
            this.state.isUnplayable = true;
            this.state.visualTime = _t("Cannot be played here; download it");
        }
    },
});
