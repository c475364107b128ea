// The crates that the binary is made of, as a CycloneDX bill of materials: node scripts/sbom.mjs [TARGET] > FILE
// It says what Cargo.lock says, with licences, and holds no time and no serial number: the same lock gives the same bytes.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

const target = process.argv[2];
const cargo = (...args) =>
  execFileSync("cargo", args, { encoding: "utf8", maxBuffer: 1 << 28, stdio: ["ignore", "pipe", "inherit"] });
const platform = target ? ["--filter-platform", target] : [];
const { packages, resolve } = JSON.parse(cargo("metadata", "--format-version", "1", "--locked", ...platform));

// Cargo.lock has the hash that the registry gave each crate.
const checksums = new Map();
for (const [, name, version, sum] of readFileSync("Cargo.lock", "utf8").matchAll(
  /name = "(.+)"\nversion = "(.+)"\nsource = ".+"\nchecksum = "(.+)"/g,
)) {
  checksums.set(`${name}@${version}`, sum);
}

const nodes = new Map(resolve.nodes.map((node) => [node.id, node]));
/** What is linked, not what tests, nor what builds. */
const linked = (id) =>
  nodes
    .get(id)
    .deps.filter(({ dep_kinds: kinds }) => kinds.some(({ kind }) => kind === null))
    .map(({ pkg }) => pkg);

const reached = new Set();
for (const queue = [resolve.root]; queue.length > 0;) {
  const id = queue.pop();
  if (reached.has(id)) continue;
  reached.add(id);
  queue.push(...linked(id));
}

const known = new Map(packages.map((crate) => [crate.id, crate]));
const purl = (id) => `pkg:cargo/${known.get(id).name}@${known.get(id).version}`;
const described = (id) => {
  const { name, version, license, description, repository } = known.get(id);
  const checksum = checksums.get(`${name}@${version}`);
  return {
    type: id === resolve.root ? "application" : "library",
    "bom-ref": purl(id),
    name,
    version,
    ...(description && { description: description.trim().replace(/\s+/g, " ") }),
    ...(checksum && { hashes: [{ alg: "SHA-256", content: checksum }] }),
    ...(license && { licenses: [{ expression: license.replace(/ *\/ */g, " OR ").replace(/ +/g, " ") }] }),
    purl: purl(id),
    ...(repository && { externalReferences: [{ type: "vcs", url: repository }] }),
  };
};

const ids = [...reached].sort((left, right) => (purl(left) < purl(right) ? -1 : 1));
const bill = {
  $schema: "http://cyclonedx.org/schema/bom-1.6.schema.json",
  bomFormat: "CycloneDX",
  specVersion: "1.6",
  version: 1,
  metadata: { component: described(resolve.root) },
  components: ids.filter((id) => id !== resolve.root).map(described),
  dependencies: ids.map((id) => ({ ref: purl(id), dependsOn: linked(id).map(purl).sort() })),
};
process.stdout.write(`${JSON.stringify(bill, null, 1)}\n`);
