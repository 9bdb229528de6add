// Writes shared/api/types.ts from the OpenAPI document on standard input. The digest in its first line is
// of that document, so that a test notices an API that has changed since.
import { createHash } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { text } from "node:stream/consumers";
import openapiTS, { astToString } from "openapi-typescript";

const given = await text(process.stdin);
const document = JSON.parse(given);

// Problems have one shape, and headers are the client's own business.
for (const path of Object.values(document.paths)) {
  for (const operation of Object.values(path)) {
    operation.parameters = (operation.parameters ?? []).filter(
      (parameter) => !("$ref" in parameter) && parameter.in !== "header",
    );
    for (const status of Object.keys(operation.responses)) {
      if (!/^2/.test(status)) delete operation.responses[status];
      else delete operation.responses[status].headers;
    }
    delete operation.summary;
    delete operation.description;
  }
}
delete document.components.parameters;
delete document.components.responses;
delete document.components.headers;

// A field with a default may be left out of what is sent, and is always in what is answered: the document
// says which by `required`, so defaults must not.
const tree = await openapiTS(document, { defaultNonNullable: false, emptyObjectsUnknown: true });
const digest = createHash("sha256").update(given.trim()).digest("hex");
const lines = astToString(tree).replace(/^ {4,}/gm, (indent) => " ".repeat(indent.length / 2));
await writeFile(
  new URL("shared/api/types.ts", import.meta.url),
  `// OpenAPI ${digest}; written by \`make types\`.\n${lines}`,
);
