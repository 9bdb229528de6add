// Light or dark, as the device has it until somebody chooses; the choice stays on the device.
import { ref } from "vue";

const KEPT = "shangmen.operator.scheme";
const DARK = globalThis.matchMedia?.("(prefers-color-scheme: dark)");
export const isDark = ref(false);

export function restoreScheme(): void {
  const kept = localStorage.getItem(KEPT);
  show(kept === null ? DARK?.matches === true : kept === "dark");
}

export function toggleScheme(): void {
  show(!isDark.value);
  localStorage.setItem(KEPT, isDark.value ? "dark" : "light");
}

function show(dark: boolean): void {
  isDark.value = dark;
  document.documentElement.dataset.scheme = dark ? "dark" : "light";
}
