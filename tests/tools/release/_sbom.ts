/**
 * What a release really holds, as a CycloneDX 1.6 document: assay, the packages whose modules are in the
 * bundle, and for a program the Deno it is compiled into. What Deno is made of (V8 and its crates) its own
 * project lists; here it is one component.
 *
 * @see https://cyclonedx.org/docs/1.6/json/
 * @module
 */

import { Enums, Models, Serialize, Spec } from "@cyclonedx/cyclonedx-library";
import type { BundledPackage } from "./_contents.ts";

/** What the document is about. */
export interface SbomSubject {
  readonly version: string;
  readonly packages: readonly BundledPackage[];
  /** The version of the Deno that programs are compiled into. */
  readonly deno?: string;
  /** When the commit was made. */
  readonly time?: Date | undefined;
}

/** The document's text; the same for the same subject. */
export function sbom({ version, packages, deno, time }: SbomSubject): string {
  const bom = new Models.Bom();
  const assay = component(Enums.ComponentType.Application, {
    name: "assay",
    version,
    licence: "MIT",
    purl: npmPurl("assay", version),
  });
  bom.metadata.component = assay;
  if (time) bom.metadata.timestamp = time;
  const made = new Map(packages.map((each) => [each.name, packageComponent(each)]));
  const needed = new Set(packages.flatMap(({ dependencies }) => dependencies));
  for (const { name, dependencies } of packages) {
    const own = made.get(name)!;
    bom.components.add(own);
    for (const each of dependencies) own.dependencies.add(made.get(each)!.bomRef);
    if (!needed.has(name)) assay.dependencies.add(own.bomRef);
  }
  if (deno !== undefined) addDeno(bom, assay, deno);
  const normalise = new Serialize.JSON.Normalize.Factory(Spec.Spec1dot6);
  return `${
    new Serialize.JsonSerializer(normalise).serialize(bom, { sortLists: true, space: 2 })
  }\n`;
}

function addDeno(bom: Models.Bom, assay: Models.Component, version: string): void {
  const deno = component(Enums.ComponentType.Platform, {
    name: "deno",
    version,
    licence: "MIT",
    purl: `pkg:github/denoland/deno@v${version}`,
  });
  deno.description = "the runtime that the program is compiled into; its own parts are not listed";
  bom.components.add(deno);
  assay.dependencies.add(deno.bomRef);
}

interface Identity {
  readonly name: string;
  readonly version: string;
  readonly licence: string;
  readonly purl: string;
}

function component(
  type: Enums.ComponentType,
  { name, version, licence, purl }: Identity,
): Models.Component {
  const [, group, own] = /^(?:(@[^/]+)\/)?(.+)$/.exec(name)!;
  const made = new Models.Component(type, own!, { group, version, purl, bomRef: purl });
  made.licenses.add(
    / /.test(licence) ? new Models.LicenseExpression(licence) : new Models.SpdxLicense(licence),
  );
  return made;
}

function packageComponent(each: BundledPackage): Models.Component {
  const purl = npmPurl(each.name, each.version);
  const made = component(Enums.ComponentType.Library, { ...each, purl });
  const file = `${each.name.replace(/^@[^/]+\//, "")}-${each.version}.tgz`;
  const url = `https://registry.npmjs.org/${each.name}/-/${file}`;
  const [algorithm, hash] = hashOf(each.integrity);
  made.externalReferences.add(
    new Models.ExternalReference(url, Enums.ExternalReferenceType.Distribution, {
      hashes: new Models.HashDictionary([[algorithm, hash]]),
      comment: "the hash is the integrity in deno.lock",
    }),
  );
  return made;
}

function hashOf(integrity: string): [Enums.HashAlgorithm, string] {
  const base64 = /^sha512-(.+)$/.exec(integrity)?.[1];
  if (base64 === undefined) throw new Error(`an integrity of another algorithm: ${integrity}`);
  return [Enums.HashAlgorithm["SHA-512"], Uint8Array.fromBase64(base64).toHex()];
}

/** @see https://github.com/package-url/purl-spec: the "@" of a scope is written %40 */
function npmPurl(name: string, version: string): string {
  return `pkg:npm/${name.replace(/^@/, "%40")}@${version}`;
}
