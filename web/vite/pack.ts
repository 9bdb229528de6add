// Packs what was built once more as .br and .gz, so that the server only hands it out.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import type { Plugin } from "vite";

const WORTH_BYTES = 1024;
const TEXT = /\.(js|css|svg|json|webmanifest)$/;

export function pack(): Plugin {
  let folder = "";
  return {
    name: "shangmen-pack",
    apply: "build",
    configResolved(config) {
      folder = join(config.root, config.build.outDir);
    },
    closeBundle() {
      const files = readdirSync(folder, { recursive: true, encoding: "utf-8" });
      for (const name of files.filter((each) => TEXT.test(each))) {
        const body = readFileSync(join(folder, name));
        if (body.length < WORTH_BYTES) continue;
        const quality = { params: { [constants.BROTLI_PARAM_QUALITY]: 10 } };
        writeFileSync(join(folder, `${name}.br`), brotliCompressSync(body, quality));
        writeFileSync(join(folder, `${name}.gz`), gzipSync(body, { level: 9 }));
      }
    },
  };
}
