// Keys that work wherever nobody is typing: each is told in the help (`?`).
import { onScopeDispose } from "vue";

export type Keys = Record<string, (event: KeyboardEvent) => void>;

const TYPING = "input, textarea, select, [contenteditable]";

/** Hear these keys while the scope lives. Names are those of `KeyboardEvent.key`. */
export function useKeys(keys: Keys): void {
  const hear = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    const at = event.target as HTMLElement | null;
    if (event.key !== "Escape" && (at?.matches?.(TYPING) || document.querySelector("dialog[open]"))) return;
    const act = keys[event.key];
    if (!act) return;
    event.preventDefault();
    act(event);
  };
  document.addEventListener("keydown", hear);
  onScopeDispose(() => document.removeEventListener("keydown", hear));
}
