import { fileURLToPath } from "node:url";
import vue from "@vitejs/plugin-vue";
import { defineConfig } from "vitest/config";
import { pack } from "./vite/pack";
import { words } from "./vite/words";
import { worker } from "./vite/worker";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  plugins: [vue(), words(), worker({ nurse: { also: ["/nurse/manifest.webmanifest", "/nurse/icon-192.png"] } }), pack()],
  resolve: { alias: { "@shared": here("./shared") } },
  define: {
    __VUE_OPTIONS_API__: false,
    __VUE_I18N_LEGACY_API__: false,
    __VUE_I18N_FULL_INSTALL__: false,
    __INTLIFY_PROD_DEVTOOLS__: false,
  },
  build: {
    target: "es2022",
    modulePreload: { polyfill: false },
    // Everything comes from files that the policy of the page names; nothing stands inline.
    assetsInlineLimit: 0,
    rollupOptions: {
      input: {
        index: here("./index.html"),
        patient: here("./patient/index.html"),
        nurse: here("./nurse/index.html"),
        operator: here("./operator/index.html"),
      },
    },
  },
  server: { proxy: { "/v1": "http://127.0.0.1:8080", "/openapi.json": "http://127.0.0.1:8080" } },
  test: { environment: "happy-dom", include: ["tests/**/*.test.ts"] },
});
