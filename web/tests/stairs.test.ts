// What is said of the stairs to a home, in both languages, and that nothing is said of what nobody told.
import { afterEach, describe, expect, it } from "vitest";
import { createApp } from "vue";
import { i18n, setLocale, withTexts } from "@shared/i18n";
import { sharedTexts } from "@shared/texts";
import StairsNote from "@shared/ui/StairsNote.vue";

function said(of: { floor?: number | null; has_lift?: boolean | null }): string | null {
  const place = document.createElement("div");
  const app = createApp(StairsNote, { of });
  app.use(withTexts(sharedTexts));
  app.mount(place);
  return place.querySelector("p")?.textContent ?? null;
}
afterEach(() => void (i18n.global.locale.value = "zh-CN"));

describe("the stairs", () => {
  it("are told as far as they are known", () => {
    expect(said({ floor: 4, has_lift: false })).toBe("4 楼，无电梯");
    expect(said({ floor: 12, has_lift: true })).toBe("12 楼，有电梯");
    expect(said({ floor: -1 })).toBe("地下 1 层");
    expect(said({ floor: null, has_lift: false })).toBe("无电梯");
    setLocale("en");
    expect(said({ floor: 4, has_lift: false })).toBe("Floor 4, no lift");
    expect(said({ floor: -1, has_lift: true })).toBe("Basement 1, with a lift");
  });

  it("are not told where nobody said, nor of what a phone has kept from before", () => {
    expect(said({ floor: null, has_lift: null })).toBeNull();
    expect(said({})).toBeNull();
  });
});
