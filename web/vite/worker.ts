// Makes the service worker: one file without imports, which every browser takes, that knows the files of each shell.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { transformWithOxc, type Plugin } from "vite";

const SOURCE = fileURLToPath(new URL("../worker/worker.ts", import.meta.url));
const NAME = "worker.js";

/** `also` are files of the public folder that belong to a shell. */
export function worker(clients: Record<string, { also: string[] }>): Plugin {
  return {
    name: "shangmen-worker",
    apply: "build",
    async generateBundle(_options, bundle) {
      const shells: Record<string, { version: string; files: string[] }> = {};
      for (const [client, { also }] of Object.entries(clients)) {
        const files = new Set<string>();
        const take = (name: string): void => {
          const chunk = bundle[name];
          if (files.has(name) || chunk?.type !== "chunk") return;
          files.add(name);
          const css = chunk.viteMetadata?.importedCss ?? [];
          const assets = chunk.viteMetadata?.importedAssets ?? [];
          for (const each of [...css, ...assets]) files.add(each);
          for (const each of [...chunk.imports, ...chunk.dynamicImports]) take(each);
        };
        for (const chunk of Object.values(bundle)) {
          if (chunk.type === "chunk" && chunk.isEntry && chunk.name === client) take(chunk.fileName);
        }
        const named = [...files].sort().map((each) => `/${each}`);
        const version = createHash("sha256").update(named.join("\n")).digest("hex").slice(0, 12);
        shells[`/${client}/`] = { version, files: [`/${client}/`, ...also, ...named] };
      }
      const { code } = await transformWithOxc(readFileSync(SOURCE, "utf-8"), SOURCE);
      const source = code.replace(/^export \{\};.*$/m, "").replaceAll("__SHELLS__", JSON.stringify(shells));
      this.emitFile({ type: "asset", fileName: NAME, source });
    },
  };
}
