// Reads manifests as a JSON list from stdin; prints what their published schemas say against each.
// The folder of the packages is the one argument.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const packages = {
  "monitoring.coreos.com": "@kubernetes-models/prometheus-operator",
  "postgresql.cnpg.io": "@kubernetes-models/cloudnative-pg",
};

async function fault(manifest) {
  const [group] = manifest.apiVersion.split("/");
  const file = join(process.argv[2], packages[group], manifest.apiVersion, `${manifest.kind}.js`);
  const found = await import(pathToFileURL(file));
  try {
    new found[manifest.kind](manifest).validate();
    return "";
  } catch (error) {
    return String(error);
  }
}

const manifests = JSON.parse(readFileSync(0, "utf8"));
console.log(JSON.stringify(await Promise.all(manifests.map(fault))));
