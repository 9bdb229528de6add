// What somebody is typing, once he pauses.
import { onScopeDispose, ref, watch, type Ref } from "vue";

const PAUSE_MS = 350;

export function afterTyping(typed: Ref<string>): Ref<string> {
  const said = ref(typed.value);
  let timer: ReturnType<typeof setTimeout> | undefined;
  watch(typed, (now) => {
    clearTimeout(timer);
    timer = setTimeout(() => (said.value = now.trim()), PAUSE_MS);
  });
  onScopeDispose(() => clearTimeout(timer));
  return said;
}
