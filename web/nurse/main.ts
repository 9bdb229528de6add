import "@shared/design/base.css";
import { watch } from "vue";
import { createRouter, createWebHistory } from "vue-router";
import * as clock from "@shared/clock";
import { guard, keepTime, mount } from "@shared/start";
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

guard(router, session.current, () => stream.stop());
// Somebody else has signed in on this phone: what is kept here is not hers.
watch(session.current, (now) => {
  if (now && now.accountId !== account) location.reload();
});

restoreTextSize();
keepTime(syncClock, clock.resume);

if (account) {
  void services().catch(() => undefined);
  follow();
  keepSending();
  void keepCalling();
  void track();
}

mount(App, router, { "zh-CN": zh, en }, { zh: "上门护理 · 护士", en: "Shangmen for nurses" });
void register(api, "/nurse/");
