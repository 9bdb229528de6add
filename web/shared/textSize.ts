// Larger type for those who want it; the choice stays on the device.
import { ref } from "vue";

const KEPT = "shangmen.text";
export const largeText = ref(false);

export function restoreTextSize(): void {
  set(localStorage.getItem(KEPT) === "large");
}

export function set(isLarge: boolean): void {
  largeText.value = isLarge;
  document.documentElement.dataset.text = isLarge ? "large" : "normal";
  localStorage.setItem(KEPT, isLarge ? "large" : "normal");
}
