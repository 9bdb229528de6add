import "@shared/design/base.css";
import "./operator.css";
import { createRouter, createWebHistory } from "vue-router";
import { guard, keepTime, mount } from "@shared/start";
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
guard(router, session.current);
restoreScheme();
keepTime(syncClock);
void services().catch(() => undefined);

mount(App, router, { "zh-CN": zh, en }, { zh: "调度台", en: "Dispatch" });
