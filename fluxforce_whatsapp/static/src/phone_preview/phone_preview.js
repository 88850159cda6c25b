import { Component, useEffect, useRef, useState } from "@odoo/owl";

import { browser } from "@web/core/browser/browser";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

import { cutText, parseWhatsappText } from "./whatsapp_text";

// Marketing is folded after five lines (WhatsApp, October 2024), what else is long after as many characters as
// WhatsApp's own clients show at first. Neither is on a page of Meta: seen on phones.
const MARKETING_LINES = 5;
const LONG_TEXT = 768;
// With more buttons than this two stay and the rest is behind "See all options" [M26:components].
const BUTTONS_SHOWN = 3;
const DARK_KEY = "fluxforce_whatsapp.phone_preview.dark";

const ICONS = {
    quick_reply: "fa-reply",
    url: "fa-external-link",
    phone_number: "fa-phone",
    voice_call: "fa-phone",
    call_permission_request: "fa-phone",
    copy_code: "fa-clone",
    otp: "fa-clone",
    flow: "fa-list-alt",
    catalog: "fa-shopping-bag",
    mpm: "fa-shopping-basket",
    spm: "fa-tag",
    request_contact_info: "fa-address-card-o",
};
const KIND_WORDS = {
    quick_reply: _t("Answers with these words"),
    url: _t("Opens a web page"),
    phone_number: _t("Calls a phone number"),
    voice_call: _t("Calls on WhatsApp"),
    call_permission_request: _t("Asks whether you may call"),
    copy_code: _t("Copies a code"),
    otp: _t("Copies or fills in the code"),
    flow: _t("Opens a form"),
    catalog: _t("Opens the catalogue"),
    mpm: _t("Shows products"),
    spm: _t("Shows a product"),
    request_contact_info: _t("Shares the person's contact"),
};
const HEADER_WORDS = {
    IMAGE: { icon: "fa-picture-o", label: _t("Image") },
    VIDEO: { icon: "fa-play-circle", label: _t("Video") },
    DOCUMENT: { icon: "fa-file-pdf-o", label: _t("Document") },
    LOCATION: { icon: "fa-map-marker", label: _t("Location") },
    PRODUCT: { icon: "fa-tag", label: _t("Product") },
};
const TICKS = {
    sent: { icon: "fa-check", label: _t("Sent") },
    delivered: { icon: "fa-check", double: true, label: _t("Delivered") },
    read: { icon: "fa-check", double: true, label: _t("Read") },
};

/** A text with WhatsApp's marks; a long one is folded, as on the phone. */
export class PhoneText extends Component {
    static template = "fluxforce_whatsapp.PhoneText";
    static props = {
        text: String,
        samples: { type: Array, optional: true },
        foldsByLines: { type: Boolean, optional: true },
        foldsByLength: { type: Boolean, optional: true },
        leavesRoom: { type: Boolean, optional: true }, // for the time, in the last line
    };

    setup() {
        this.root = useRef("root");
        this.state = useState({ isOpen: false, isTooTall: false });
        this.lines = MARKETING_LINES;
        useEffect(
            () => this.measure(),
            () => [this.props.text, this.props.foldsByLines, this.state.isOpen]
        );
    }

    measure() {
        const { scrollHeight, clientHeight } = this.root.el;
        if (this.props.foldsByLines && !this.state.isOpen) {
            this.state.isTooTall = scrollHeight > clientHeight + 1;
        }
    }

    get isTooLong() {
        return Boolean(this.props.foldsByLength) && this.props.text.length > LONG_TEXT;
    }

    get isFolded() {
        return !this.state.isOpen && (this.isTooLong || this.state.isTooTall);
    }

    get blocks() {
        const { text, samples } = this.props;
        const shown = this.isTooLong && !this.state.isOpen ? `${cutText(text, LONG_TEXT)}…` : text;
        return parseWhatsappText(shown, samples || []);
    }
}

/** What stands above the text: words, a picture, a film, a document, a place, a product. */
export class PhoneHeader extends Component {
    static template = "fluxforce_whatsapp.PhoneHeader";
    static components = { PhoneText };
    static props = { header: Object };

    setup() {
        this.state = useState({ brokenUrl: "" });
    }

    get words() {
        return HEADER_WORDS[this.props.header.format];
    }

    get url() {
        const { url } = this.props.header;
        return url !== this.state.brokenUrl && /^(https?:\/\/|\/web\/)/i.test(url || "") ? url : "";
    }

    onImageError() {
        this.state.brokenUrl = this.props.header.url;
    }
}

export class PhoneButton extends Component {
    static template = "fluxforce_whatsapp.PhoneButton";
    static props = { button: Object };

    get icon() {
        return ICONS[this.props.button.kind] || "fa-hand-pointer-o";
    }

    get title() {
        const { kind, detail } = this.props.button;
        return [KIND_WORDS[kind], detail].filter(Boolean).join(": ");
    }
}

/** The buttons under a message; the many are behind one. */
export class PhoneButtons extends Component {
    static template = "fluxforce_whatsapp.PhoneButtons";
    static components = { PhoneButton };
    static props = { buttons: Array, onShowAll: { type: Function, optional: true } };

    get hasMore() {
        return this.props.buttons.length > BUTTONS_SHOWN;
    }

    get shown() {
        return this.hasMore ? this.props.buttons.slice(0, BUTTONS_SHOWN - 1) : this.props.buttons;
    }
}

/** A phone with one message. The shape of ``data`` is that of cloud_api/preview.py. */
export class Phone extends Component {
    static template = "fluxforce_whatsapp.Phone";
    static components = { PhoneButton, PhoneButtons, PhoneHeader, PhoneText };
    static props = { data: Object, compact: { type: Boolean, optional: true } };

    setup() {
        this.cards = useRef("cards");
        this.screen = useRef("screen");
        this.sheet = useRef("sheet");
        this.state = useState({
            isDark: browser.localStorage.getItem(DARK_KEY) === "1",
            showsAll: false,
        });
        useEffect(
            (showsAll) => {
                if (showsAll) {
                    this.sheet.el.querySelector("button").focus();
                }
            },
            () => [this.state.showsAll]
        );
    }

    get data() {
        const { data } = this.props;
        return { ...data, header: data.header || {}, buttons: data.buttons || [], cards: data.cards || [] };
    }

    get ticks() {
        return TICKS[this.props.data.state];
    }

    /** Whether anything is written yet; a bubble with nothing but the time would look broken. */
    get hasContent() {
        const { body, buttons, footer, header, offer } = this.props.data;
        return Boolean(body || footer || offer || header.format || buttons.length);
    }

    /** Whether the time or the ticks stand in the last line. */
    get hasMeta() {
        return Boolean(this.props.data.time || this.ticks);
    }

    get initial() {
        return (this.props.data.name || "").trim().charAt(0).toUpperCase();
    }

    get offerEnd() {
        const { offer } = this.props.data;
        if (offer.expires) {
            return _t("Ends %s", offer.expires);
        }
        return offer.has_expiration ? _t("Ends at the time given when sending") : "";
    }

    toggleDark() {
        this.state.isDark = !this.state.isDark;
        browser.localStorage.setItem(DARK_KEY, this.state.isDark ? "1" : "0");
    }

    scrollCards(direction) {
        const { el } = this.cards;
        const card = el.querySelector(".o_fluxforce_phone_card");
        const forward = this.props.data.rtl ? -direction : direction;
        el.scrollBy({ left: forward * (card.offsetWidth + 8), behavior: "smooth" });
    }

    onSheetKeydown(ev) {
        if (ev.key === "Escape") {
            ev.stopPropagation();
            this.closeSheet();
        }
    }

    /** The keyboard goes on where it came from. */
    closeSheet() {
        this.state.showsAll = false;
        this.screen.el.querySelector(".o_fluxforce_phone_all")?.focus();
    }
}

export class WhatsappPhonePreviewField extends Component {
    static template = "fluxforce_whatsapp.PhonePreviewField";
    static components = { Phone };
    static props = { ...standardFieldProps, compact: { type: Boolean, optional: true } };

    get data() {
        return this.props.record.data[this.props.name];
    }
}

export const whatsappPhonePreviewField = {
    component: WhatsappPhonePreviewField,
    displayName: _t("WhatsApp Phone Preview"),
    supportedOptions: [
        {
            label: _t("Message only"),
            name: "compact",
            type: "boolean",
            help: _t("Without the top of the phone, as on a card."),
        },
    ],
    supportedTypes: ["json"],
    extractProps: ({ options }) => ({ compact: Boolean(options.compact) }),
    isEmpty: () => false,
};

registry.category("fields").add("whatsapp_phone_preview", whatsappPhonePreviewField);
