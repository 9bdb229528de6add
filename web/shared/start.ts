// What every client does when its page opens: who is not signed in signs in, the clock is the server's, the texts follow
// the language.
import { createApp, watch, type Component, type ComputedRef } from "vue";
import type { Router } from "vue-router";
import { locale, withTexts, type Locale } from "./i18n";
import { sharedTexts } from "./texts";

/** Views are for who is signed in, but those with `meta.open`; `onEnd` runs once a session is over. */
export function guard(router: Router, session: ComputedRef<unknown>, onEnd: () => void = () => undefined): void {
  router.beforeEach((to) => {
    if (!to.meta.open && !session.value) return { name: "sign-in", query: { to: to.fullPath } };
    return true;
  });
  watch(session, (now) => {
    if (now !== null) return;
    onEnd();
    void router.replace({ name: "sign-in" });
  });
}

/** Go by the server's clock; `otherwise` when it cannot be asked. */
export function keepTime(syncClock: () => Promise<void>, otherwise: () => void = () => undefined): void {
  const set = () => void syncClock().catch(otherwise);
  set();
  // A phone's own clocks stand still while it sleeps.
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") set();
  });
}

/** Show the client, in the reader's language, with its title. */
export function mount(view: Component, router: Router, texts: Record<Locale, object>, title: { zh: string; en: string }): void {
  const app = createApp(view);
  app.use(
    withTexts({
      "zh-CN": { ...sharedTexts["zh-CN"], ...texts["zh-CN"] },
      en: { ...sharedTexts.en, ...texts.en },
    }),
  );
  app.use(router);
  watch(locale, (now) => void (document.title = now === "en" ? title.en : title.zh), { immediate: true });
  app.mount("#app");
}
