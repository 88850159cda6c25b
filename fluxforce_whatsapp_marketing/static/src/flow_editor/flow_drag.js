import { makeDraggableHook } from "@web/core/utils/draggable_hook_builder_owl";
import { pick } from "@web/core/utils/objects";

/** Drags without moving what is dragged: the picture of the flow stays as it is until the step is dropped. */
export const useFlowDrag = makeDraggableHook({
    name: "useFlowDrag",
    onComputeParams: ({ ctx }) => {
        ctx.followCursor = false;
    },
    onWillStartDrag: ({ addClass, ctx }) => {
        // While something is dragged the page does not answer the pointer; the places here do.
        addClass(ctx.ref.el, "pe-auto");
        return pick(ctx.current, "element");
    },
    onDragStart: ({ ctx }) => pick(ctx.current, "element"),
    onDrag: ({ ctx }) => ({ ...pick(ctx.current, "element"), ...ctx.pointer }),
    onDragEnd: ({ ctx }) => pick(ctx.current, "element"),
    onDrop: ({ ctx }) => ({ ...pick(ctx.current, "element"), ...ctx.pointer }),
});
