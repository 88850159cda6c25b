import { ActivityMenu } from "@mail/core/web/activity_menu";
import { makeContext } from "@web/core/context";
import { user } from "@web/core/user";
import { patch } from "@web/core/utils/patch";

const MAILINGS = "fluxforce_whatsapp_marketing.mailing_mailing_action_whatsapp";
// A to-do may be about a mailing that somebody else answers for.
const EVERYBODYS = { search_default_assigned_to_me: 0 };

patch(ActivityMenu.prototype, {
    /** WhatsApp mailings open in their own views: those of the model are made for e-mails. */
    async executeActivityAction(group, domain, views, context, newWindow) {
        if (!group.is_whatsapp) {
            return super.executeActivityAction(...arguments);
        }
        const action = await this.action.loadAction(MAILINGS);
        return this.action.doAction(
            {
                ...action,
                context: makeContext([action.context, context, EVERYBODYS], user.context),
            },
            { newWindow, clearBreadcrumbs: true, viewType: group.view_type }
        );
    },
});
