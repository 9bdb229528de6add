import "@shared/design/base.css";
import { createRouter, createWebHistory } from "vue-router";
import { guard, keepTime, mount } from "@shared/start";
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

guard(router, session.current, () => stream.stop());
restoreTextSize();
keepTime(syncClock);
void services().catch(() => undefined);

mount(App, router, { "zh-CN": zh, en }, { zh: "上门护理", en: "Nursing at home" });
void register(api, "/patient/");
