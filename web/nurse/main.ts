import "@shared/design/base.css";
import { createApp, watch } from "vue";
import { createRouter, createWebHistory } from "vue-router";
import * as clock from "@shared/clock";
import { locale, withTexts } from "@shared/i18n";
import { sharedTexts } from "@shared/texts";
import { restoreTextSize } from "@shared/textSize";
import { register } from "@shared/worker";
import App from "./App.vue";
import { keepCalling } from "./alarm";
import { account, api, services, session, stream, syncClock } from "./app";
import { en } from "./texts/en";
import { zh } from "./texts/zh";
import { track } from "./track";
import DayView from "./views/DayView.vue";
import DutyView from "./views/DutyView.vue";
import MeView from "./views/MeView.vue";
import OffersView from "./views/OffersView.vue";
import SignInView from "./views/SignInView.vue";
import VisitView from "./views/VisitView.vue";
import { follow } from "./visits";
import { keepSending } from "./work";

const router = createRouter({
  history: createWebHistory("/nurse/"),
  scrollBehavior: (_to, _from, saved) => saved ?? { top: 0 },
  routes: [
    { path: "/", name: "offers", component: OffersView },
    { path: "/sign-in", name: "sign-in", component: SignInView, meta: { open: true } },
    { path: "/day", name: "day", component: DayView },
    { path: "/visits/:id", name: "visit", component: VisitView, props: true },
    { path: "/duty", name: "duty", component: DutyView },
    { path: "/me", name: "me", component: MeView },
    { path: "/why", name: "why", component: () => import("./views/WhyView.vue") },
    { path: "/:rest(.*)*", redirect: "/" },
  ],
});

router.beforeEach((to) => {
  if (!to.meta.open && !session.current.value) return { name: "sign-in", query: { to: to.fullPath } };
  return true;
});
watch(session.current, (now) => {
  if (now === null) {
    stream.stop();
    void router.replace({ name: "sign-in" });
  } else if (now.accountId !== account) location.reload();
});

restoreTextSize();
const setClock = () => void syncClock().catch(clock.resume);
setClock();
// A phone's own clocks stand still while it sleeps.
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "visible") setClock();
});

if (account) {
  void services().catch(() => undefined);
  follow();
  keepSending();
  void keepCalling();
  void track();
}

const app = createApp(App);
app.use(
  withTexts({
    "zh-CN": { ...sharedTexts["zh-CN"], ...zh },
    en: { ...sharedTexts.en, ...en },
  }),
);
app.use(router);
watch(
  locale,
  (now) => {
    document.title = now === "en" ? "Shangmen for nurses" : "上门护理 · 护士";
  },
  { immediate: true },
);
app.mount("#app");
void register(api, "/nurse/");
