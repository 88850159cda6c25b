import {
    Component,
    onMounted,
    onPatched,
    onWillStart,
    onWillUnmount,
    onWillUpdateProps,
    useExternalListener,
    useRef,
    useState,
} from "@odoo/owl";

import { browser } from "@web/core/browser/browser";
import { ConfirmationDialog } from "@web/core/confirmation_dialog/confirmation_dialog";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useBus, useService } from "@web/core/utils/hooks";
import { useDebounced } from "@web/core/utils/timing";
import { FormViewDialog } from "@web/views/view_dialogs/form_view_dialog";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

import { FlowBranch } from "./flow_branch";
import { useFlowDrag } from "./flow_drag";
import { commandOf, placeAt, stepAt } from "./flow_keys";
import {
    canShift,
    isPossible,
    isSame,
    moveChange,
    nearest,
    placesFor,
    triggerAt,
} from "./flow_moves";
import { FlowPlace } from "./flow_place";
import { buildTree, chooseLayout } from "./flow_tree";

const SERVER = "fluxforce.campaign.editor";
// How often the counts of a running journey are read, in ms. (Our own choice.)
const COUNT_EVERY = 15000;
// So near to a place, in pixels, what is dragged falls into it.
const REACH = 24;
const LAYOUT_KEY = "fluxforce_whatsapp_marketing.flow_layout";

/** The steps of a campaign as a flow. Each change is one call; the server tells what it means for those inside. */
export class FlowEditor extends Component {
    static template = "fluxforce_whatsapp_marketing.FlowEditor";
    static components = { FlowBranch, FlowPlace };
    static props = { ...standardWidgetProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.dialog = useService("dialog");
        this.notification = useService("notification");
        this.ui = useService("ui");
        this.root = useRef("root");
        this.canvas = useRef("canvas");
        this.state = useState({
            flow: null,
            width: Infinity,
            choice: browser.localStorage.getItem(LAYOUT_KEY) || "auto",
            focusedId: false,
            carried: null, // {id} of a step or {type} of a new one
            places: [],
            chosen: null,
            said: "",
            ghost: null,
        });
        this.mayFocus = false;
        this.isBusy = false;
        this.formsOpen = 0;
        this.setupLoading();
        this.setupDragging();
        this.setupWidth();
    }

    setupLoading() {
        this.reload = useDebounced(() => this.load(), 100);
        onWillStart(() => this.load());
        onWillUpdateProps(({ record }) => record.resId !== this.props.record.resId && this.load(record.resId));
        // Steps may have been written in the list or in another tab.
        useBus(this.props.record.model.bus, "update", () => this.isQuiet && this.reload());
        const timer = browser.setInterval(() => this.isLive && this.load(), COUNT_EVERY);
        onWillUnmount(() => browser.clearInterval(timer));
    }

    setupDragging() {
        useFlowDrag({
            ref: this.root,
            enable: () => this.mayEdit,
            elements: ".o_fluxforce_flow_step, .o_fluxforce_flow_kind",
            ignore: ".o_fluxforce_flow_tools, .o_fluxforce_flow_figures",
            cursor: "grabbing",
            onDragStart: ({ element }) => this.pickUpElement(element),
            onDrag: ({ x, y }) => this.dragOver(x, y),
            onDrop: ({ x, y }) => this.drop(x, y),
            onDragEnd: () => this.putBack(),
        });
    }

    setupWidth() {
        const measure = () => {
            this.state.width = this.canvas.el?.clientWidth || Infinity;
        };
        onMounted(measure);
        useExternalListener(window, "resize", measure);
        onPatched(() => this.patched());
        // A dialog that is being closed still stands before the flow for a moment.
        useBus(this.ui.bus, "active-element-changed", () => this.focusStep());
    }

    patched() {
        this.focusStep();
        if (this.state.carried && !this.state.ghost) {
            const chosen = this.root.el.querySelector(".o_fluxforce_flow_chosen");
            chosen?.scrollIntoView({ block: "nearest", inline: "nearest" });
        }
        if (this.mayOpenMenu) {
            this.mayOpenMenu = false;
            this.root.el.querySelector(".o_fluxforce_flow_empty .o_fluxforce_flow_place")?.click();
        }
    }

    // --- What there is to see ------------------------------------------------------------------------------------

    get mayEdit() {
        return Boolean(!this.props.readonly && this.state.flow?.may_edit);
    }

    get isQuiet() {
        return !this.isBusy && !this.formsOpen && !this.state.carried && !this.props.record.dirty && this.props.record.resId;
    }

    get isLive() {
        return this.isQuiet && this.state.flow?.is_live && !document.hidden;
    }

    get layout() {
        return this.state.choice === "auto"
            ? chooseLayout(this.tree, this.state.width)
            : this.state.choice;
    }

    get tree() {
        if (this.treeOf !== this.state.flow) {
            this.treeOf = this.state.flow;
            this.knownTree = buildTree(this.state.flow?.steps || []);
        }
        return this.knownTree;
    }

    get types() {
        return this.state.flow?.types || [];
    }

    /** What can be added; the beginning is no step. */
    get kinds() {
        return this.types.filter((type) => type.type !== "begin");
    }

    typeOf(node) {
        return this.types.find((type) => type.type === node.step.type) || { label: "", icon: "fa-cog" };
    }

    isFocused(node) {
        const id = this.tree.byId.has(this.state.focusedId)
            ? this.state.focusedId
            : this.tree.roots[0]?.step.id;
        return node.step.id === id;
    }

    isTarget(place) {
        const { carried } = this.state;
        return Boolean(carried) && (!carried.id || isPossible(this.tree, carried.id, place));
    }

    placeProps(parentId, aboveId) {
        const place = { parentId, aboveId };
        const parent = parentId && this.tree.byId.get(parentId);
        return {
            place,
            label: this.labelOf(place),
            types: this.kinds,
            isTarget: this.isTarget(place),
            isChosen: isSame(place, this.state.chosen),
            isReachable: Boolean(parent && !aboveId && this.isFocused(parent)),
            onAdd: (type, where) => this.add(type, where),
            onPut: (where) => this.put(where),
        };
    }

    labelOf({ parentId, aboveId }) {
        if (this.state.carried) {
            return _t("Put it here");
        }
        if (aboveId) {
            return _t("Add a step in between");
        }
        const isBranch = parentId && this.tree.byId.get(parentId).children.length;
        return isBranch ? _t("Add a branch") : _t("Add a step");
    }

    stepProps(node) {
        return {
            node,
            type: this.typeOf(node),
            isFocused: this.isFocused(node),
            isMoved: this.state.carried?.id === node.step.id,
            mayEdit: this.mayEdit,
            onOpen: (id) => this.open(id),
            onMove: (id) => this.pickUp({ id }),
            onCopy: (id) => this.apply({ do: "copy", id }),
            onRemove: (id) => this.remove(id),
            onFigure: (id, key) => this.openFigure(id, key),
            onFocus: (id) => this.state.carried || (this.state.focusedId = id),
        };
    }

    setLayout(choice) {
        this.state.choice = choice;
        browser.localStorage.setItem(LAYOUT_KEY, choice);
    }

    // --- Server --------------------------------------------------------------------------------------------------

    async load(resId = this.props.record.resId) {
        this.state.flow = resId ? await this.orm.silent.call(SERVER, "get_flow", [resId]) : null;
    }

    /** Ask for a change; where people are inside, the server may want to know first whether it is meant.
     *
     * @param {Object} change
     * @param {string} version of the flow that was before the eyes
     * @returns {Promise<boolean>} whether it was done
     */
    async apply(change, version = this.state.flow.version, agreed = false) {
        this.isBusy = true;
        try {
            const result = await this.orm.call(SERVER, "apply", [
                this.props.record.resId,
                change,
                version,
                agreed,
            ]);
            return await this.follow(result, change, version);
        } finally {
            this.isBusy = false;
        }
    }

    async follow({ flow, ask, conflict, focus }, change, version) {
        if (ask) {
            return (await this.confirm(ask)) && this.apply(change, version, true);
        }
        this.state.flow = flow;
        this.focusOn(focus || change.id || false);
        if (conflict) {
            this.notification.add(conflict, { type: "warning" });
            return false;
        }
        await this.props.record.load();
        return true;
    }

    confirm({ title, lines, agree }) {
        return new Promise((resolve) => {
            this.dialog.add(
                ConfirmationDialog,
                {
                    title,
                    body: lines.join("\n"),
                    confirmLabel: agree,
                    confirm: () => resolve(true),
                    cancel: () => resolve(false),
                },
                { onClose: () => resolve(false) }
            );
        });
    }

    /** A campaign that is new or changed is saved first: its steps belong to what is in the database. */
    async isSaved() {
        const { record } = this.props;
        if (record.isNew || (await record.isDirty())) {
            if (!(await record.save())) {
                return false;
            }
            await this.load();
        }
        return true;
    }

    // --- What can be done with a step ----------------------------------------------------------------------------

    async addFirst() {
        if (await this.isSaved()) {
            // The list of what can be added is there once the campaign is.
            this.mayOpenMenu = true;
        }
    }

    async add(type, place) {
        if (!(await this.isSaved())) {
            return;
        }
        const { parentId, aboveId } = place;
        const way = aboveId ? this.tree.byId.get(aboveId).step.way : {};
        this.openForm(_t("New Step"), false, {
            context: {
                ...Object.fromEntries(Object.entries(way).map(([name, value]) => [`default_${name}`, value])),
                default_campaign_id: this.props.record.resId,
                default_type: type,
                default_parent_id: parentId || false,
                default_trigger: triggerAt(this.tree, this.types, place),
            },
            change: { do: "add", type, parent_id: parentId || false, above_id: aboveId || false },
        });
    }

    async open(id) {
        if (this.state.carried || !(await this.isSaved())) {
            return;
        }
        this.state.focusedId = id;
        this.openForm(_t("Step"), id, { context: {}, change: { do: "write", id } });
    }

    openForm(title, resId, { context, change }) {
        const seen = { version: this.state.flow.version };
        this.formsOpen++;
        this.dialog.add(
            FormViewDialog,
            {
                resModel: "fluxforce.campaign.activity",
                resId,
                title,
                context,
                readonly: !this.mayEdit,
                canExpand: false,
                onRecordSave: (record) => this.saveForm(record, change, seen),
            },
            {
                onClose: () => {
                    this.formsOpen--;
                    this.focusOn(this.state.focusedId);
                },
            }
        );
    }

    async saveForm(record, change, seen) {
        if (!(await record.checkValidity({ displayNotification: true }))) {
            return false;
        }
        const values = await record.getChanges();
        if (change.id && !Object.keys(values).length) {
            return true;
        }
        const isDone = await this.apply({ ...change, values }, seen.version);
        // Whoever saves once more has been told what others did.
        seen.version = this.state.flow.version;
        return isDone;
    }

    remove(id) {
        if (this.mayEdit) {
            return this.apply({ do: "remove", id });
        }
    }

    shift(id, by) {
        if (this.mayEdit && canShift(this.tree, id, by)) {
            return this.apply({ do: "shift", id, by });
        }
    }

    async openFigure(id, key) {
        await this.action.doAction(await this.orm.call(SERVER, "open_figure", [id, key]));
    }

    // --- Moving --------------------------------------------------------------------------------------------------

    pickUp(carried) {
        if (!this.mayEdit) {
            return;
        }
        this.state.carried = carried;
        this.state.places = placesFor(this.tree, carried.id);
        this.choose(this.state.places[0] || null);
        if (!this.state.places.length) {
            this.putBack();
            this.say(_t("There is nowhere else to put it."));
        }
    }

    pickUpElement(element) {
        const { id, type } = element.dataset;
        this.state.focusedId = Number(id) || this.state.focusedId;
        this.pickUp(id ? { id: Number(id) } : { type });
        this.choose(null);
        const kind = type || this.tree.byId.get(Number(id)).step.type;
        this.state.ghost = { x: 0, y: 0, ...this.types.find((one) => one.type === kind) };
    }

    dragOver(x, y) {
        Object.assign(this.state.ghost || {}, { x, y });
        const targets = [...this.root.el.querySelectorAll(".o_fluxforce_flow_target")];
        const near = nearest(targets.map((target) => target.getBoundingClientRect()), x, y, REACH);
        this.choose(near < 0 ? null : this.placeOf(targets[near]));
    }

    placeOf(element) {
        const { parentId, aboveId } = element.dataset;
        return { parentId: Number(parentId) || false, aboveId: Number(aboveId) || false };
    }

    drop(x, y) {
        this.dragOver(x, y);
        if (this.state.chosen) {
            this.put(this.state.chosen);
        }
    }

    async put(place) {
        const { carried } = this.state;
        this.putBack();
        if (!carried) {
            return;
        }
        if (!carried.id) {
            return this.add(carried.type, place);
        }
        await this.apply(moveChange(this.tree, this.types, carried.id, place));
    }

    putBack() {
        const id = this.state.carried?.id;
        Object.assign(this.state, { carried: null, places: [], chosen: null, ghost: null });
        this.focusOn(id || this.state.focusedId);
    }

    choose(place) {
        this.state.chosen = place;
        if (place) {
            this.say(this.describe(place));
        }
    }

    /** A place in words, for those who do not see the picture. */
    describe({ parentId, aboveId }) {
        const name = (id) => this.tree.byId.get(id).step.name || this.typeOf(this.tree.byId.get(id)).label;
        if (aboveId) {
            return _t("Before %s", name(aboveId));
        }
        return parentId ? _t("After %s", name(parentId)) : _t("At the beginning");
    }

    say(words) {
        this.state.said = words;
    }

    // --- Keyboard ------------------------------------------------------------------------------------------------

    onKeydown(ev) {
        if (this.state.carried) {
            this.onKeyWhileMoving(ev);
            return;
        }
        if (!ev.target.matches(".o_fluxforce_flow_step")) {
            return;
        }
        const id = Number(ev.target.dataset.id);
        const command = commandOf(ev, this.layout);
        const next = command || ev.altKey || ev.ctrlKey || ev.metaKey
            ? undefined
            : stepAt(this.tree, id, ev.key, this.layout);
        if (command || next !== undefined) {
            ev.preventDefault();
            ev.stopPropagation();
        }
        if (command) {
            this.run(command, id);
        } else if (next !== undefined) {
            this.focusOn(next);
        }
    }

    run({ name, by }, id) {
        const commands = {
            open: () => this.open(id),
            remove: () => this.remove(id),
            shift: () => this.shift(id, by),
            move: () => this.pickUp({ id }),
            add: () => this.openMenuAfter(id),
        };
        return commands[name]?.();
    }

    onKeyWhileMoving(ev) {
        const { places, chosen } = this.state;
        const index = places.findIndex((place) => isSame(place, chosen));
        if (ev.key === "Escape") {
            this.putBack();
        } else if (ev.key === "Enter" || ev.key === " ") {
            this.put(chosen);
        } else {
            this.choose(places[placeAt(places, Math.max(index, 0), ev.key)]);
            if (ev.key === "Tab") {
                return;
            }
        }
        ev.preventDefault();
        ev.stopPropagation();
    }

    openMenuAfter(id) {
        const selector = `.o_fluxforce_flow_place[data-parent-id="${id}"][data-above-id="0"]`;
        this.root.el.querySelector(selector)?.click();
    }

    focusOn(id) {
        this.state.focusedId = id;
        this.mayFocus = true;
        this.focusStep();
    }

    focusStep() {
        const element = this.root.el?.querySelector(
            `.o_fluxforce_flow_step[data-id="${this.state.focusedId}"]`
        );
        if (this.mayFocus && element && !document.querySelector(".modal")) {
            this.mayFocus = false;
            element.focus();
        }
    }
}

export const flowEditor = { component: FlowEditor };

registry.category("view_widgets").add("fluxforce_flow_editor", flowEditor);
