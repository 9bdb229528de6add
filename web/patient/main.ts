import "@shared/design/base.css";
import { createApp, watch } from "vue";
import { createRouter, createWebHistory } from "vue-router";
import { locale, withTexts } from "@shared/i18n";
import { sharedTexts } from "@shared/texts";
import { restoreTextSize } from "@shared/textSize";
import { register } from "@shared/worker";
import App from "./App.vue";
import { api, services, session, stream, syncClock } from "./app";
import { en } from "./texts/en";
import { zh } from "./texts/zh";
import HomeView from "./views/HomeView.vue";
import SignInView from "./views/SignInView.vue";

const router = createRouter({
  history: createWebHistory("/patient/"),
  scrollBehavior: (_to, _from, saved) => saved ?? { top: 0 },
  routes: [
    { path: "/", name: "home", component: HomeView },
    { path: "/sign-in", name: "sign-in", component: SignInView, meta: { open: true } },
    { path: "/people", name: "people", component: () => import("./views/PeopleView.vue") },
    { path: "/people/new", name: "new-person", component: () => import("./views/PersonView.vue") },
    { path: "/people/:id", name: "person", component: () => import("./views/PersonView.vue"), props: true },
    { path: "/order", name: "order", component: () => import("./views/NewOrderView.vue") },
    { path: "/orders", name: "orders", component: () => import("./views/OrdersView.vue") },
    { path: "/orders/:id", name: "story", component: () => import("./views/StoryView.vue"), props: true },
    { path: "/me", name: "me", component: () => import("./views/MeView.vue") },
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
  }
});

restoreTextSize();
const setClock = () => void syncClock().catch(() => undefined);
setClock();
// A phone's own clocks stand still while it sleeps.
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "visible") setClock();
});
void services().catch(() => undefined);

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
    document.title = now === "en" ? "Nursing at home" : "上门护理";
  },
  { immediate: true },
);
app.mount("#app");
void register(api, "/patient/");
