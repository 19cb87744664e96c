// Validates Kubernetes manifests against the types of the npm package kubernetes-models.
//   node validate.mjs FILE.yaml...
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { parseAllDocuments } from "yaml";

const require = createRequire(import.meta.url);
let failures = 0;
for (const file of process.argv.slice(2)) {
  for (const document of parseAllDocuments(readFileSync(file, "utf8"))) {
    const manifest = document.toJS();
    const name = `${manifest.apiVersion} ${manifest.kind}`;
    try {
      const kinds = require(`kubernetes-models/${manifest.apiVersion}`);
      const Kind = kinds[manifest.kind];
      if (!Kind) throw new Error("kubernetes-models knows no such kind");
      new Kind(manifest).validate();
      console.log(`${file}: ${name}: valid`);
    } catch (error) {
      ++failures;
      console.error(`${file}: ${name}: ${error.message}`);
    }
  }
}
process.exit(failures === 0 ? 0 : 1);
