import "@shared/design/base.css";
import "./operator.css";
import { createApp, watch } from "vue";
import { createRouter, createWebHistory } from "vue-router";
import { locale, withTexts } from "@shared/i18n";
import { sharedTexts } from "@shared/texts";
import App from "./App.vue";
import { services, session, syncClock } from "./app";
import { restoreScheme } from "./scheme";
import { en } from "./texts/en";
import { zh } from "./texts/zh";
import DispatchView from "./views/DispatchView.vue";
import SignInView from "./views/SignInView.vue";

const router = createRouter({
  history: createWebHistory("/operator/"),
  routes: [
    { path: "/", name: "dispatch", component: DispatchView },
    { path: "/sign-in", name: "sign-in", component: SignInView, meta: { open: true } },
    { path: "/orders", name: "orders", component: () => import("./views/OrdersView.vue") },
    { path: "/day", name: "day", component: () => import("./views/DayView.vue") },
    { path: "/nurses", name: "nurses", component: () => import("./views/NursesView.vue") },
    { path: "/institutions", name: "institutions", component: () => import("./views/InstitutionsView.vue") },
    { path: "/reports", name: "reports", component: () => import("./views/ReportsView.vue") },
    { path: "/:rest(.*)*", redirect: "/" },
  ],
});
router.beforeEach((to) => {
  if (!to.meta.open && !session.current.value) return { name: "sign-in", query: { to: to.fullPath } };
  return true;
});
watch(session.current, (now) => {
  if (now === null) void router.replace({ name: "sign-in" });
});

restoreScheme();
const setClock = () => void syncClock().catch(() => undefined);
setClock();
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
    document.title = now === "en" ? "Dispatch" : "调度台";
  },
  { immediate: true },
);
app.mount("#app");
