/** What `assay init` writes: planned first, so that it can be shown, then applied. */

import { join } from "@std/path";
import type { Io } from "../io.ts";
import { unreadable, unwritable } from "./_document.ts";
import { knownFiles } from "./_read_files.ts";
import { configSchemaNames, jsonSchema } from "./json_schema.ts";
import type { Detection } from "./types.ts";

export interface InitAction {
  /** Relative to the root. */
  readonly path: string;
  /** `renew`: assay's own file, written by another version. */
  readonly action: "create" | "append" | "renew" | "keep";
  /** The whole text of a new file, or what is appended to an existing one. */
  readonly text: string;
}

/** What assay writes that should not be committed. */
const ignored = [
  ".assay/runs/",
  ".assay/assay.db*",
  ".assay/counters.json*",
  ".assay/locks/",
  ".assay/tmp/",
  ".assay/schemas/",
];

/** Files that already configure assay; `commands.toml` alone has no settings yet. */
const configurations = knownFiles.filter((file) => !file.includes("commands"));

/** Plans the smallest useful configuration. Existing files are kept. */
export async function planInit(
  io: Io,
  root: string,
  detections: readonly Detection[],
): Promise<InitAction[]> {
  const infos = await Promise.all(configurations.map((path) => io.fs.stat(join(root, path))));
  const present = configurations.filter((_, index) => infos[index]);
  const configuration = present.length > 0
    ? present.map((path) => ({ path, action: "keep", text: "" } as const))
    : [
      {
        path: ".assay/config.toml",
        action: "create",
        text: configText(detections.filter(({ detected }) => detected)),
      } as const,
    ];
  return [...configuration, ...await planSchemas(io, root), await planIgnore(io, root)];
}

/**
 * The JSON Schemas of the configuration files, for editors: next to the files, so that they need no network and
 * match this version of assay.
 */
async function planSchemas(io: Io, root: string): Promise<InitAction[]> {
  return await Promise.all(configSchemaNames.map(async (name) => {
    const path = `.assay/schemas/${name}.json`;
    const text = `${JSON.stringify(await jsonSchema(name), null, 2)}\n`;
    const before = await io.fs.stat(join(root, path))
      ? await io.fs.readText(join(root, path))
      : undefined;
    const action = before === undefined ? "create" : before === text ? "keep" : "renew";
    return { path, action, text };
  }));
}

/** Carries out the plan. No existing file is overwritten. */
export async function applyInit(
  io: Io,
  root: string,
  plan: readonly InitAction[],
): Promise<void> {
  for (const { path, action, text } of plan) {
    if (action === "keep") continue;
    try {
      if (action === "append") await append(io, join(root, path), text);
      else if (action === "renew") await io.fs.writeAtomic(join(root, path), text);
      else await create(io, root, path, text);
    } catch (error) {
      throw unwritable(path, error);
    }
  }
}

async function create(io: Io, root: string, path: string, text: string): Promise<void> {
  const folder = path.split("/").slice(0, -1).join("/");
  if (folder !== "") await io.fs.mkdir(join(root, folder));
  await io.fs.writeNew(join(root, path), text);
}

async function append(io: Io, path: string, text: string): Promise<void> {
  // Renaming over a symbolic link would replace it with a file.
  const target = await io.fs.realPath(path);
  const before = await io.fs.readBytes(target);
  const added = new TextEncoder().encode(text);
  const whole = new Uint8Array(before.length + added.length);
  whole.set(before);
  whole.set(added, before.length);
  await io.fs.writeAtomic(target, whole);
}

async function planIgnore(io: Io, root: string): Promise<InitAction> {
  const path = ".gitignore";
  if (!await io.fs.stat(join(root, path))) {
    return { path, action: "create", text: `${ignored.join("\n")}\n` };
  }
  const before = await io.fs.readText(join(root, path)).catch((error) => {
    throw unreadable(path, error);
  });
  const lines = before.split(/\r?\n/).map((line) => line.trim().replace(/^\//, ""));
  const coversAll = lines.some((line) => [".assay", ".assay/", ".assay/*"].includes(line));
  const missing = coversAll ? [] : ignored.filter((line) => !lines.includes(line));
  if (missing.length === 0) return { path, action: "keep", text: "" };
  const newline = before.includes("\r\n") ? "\r\n" : "\n";
  const gap = before === "" || before.endsWith("\n") ? "" : newline;
  return { path, action: "append", text: gap + missing.map((line) => line + newline).join("") };
}

function configText(detected: readonly Detection[]): string {
  const found = detected.length > 0
    ? [
      "# These built-in runners apply to this project (assay plugin list shows why):",
      ...detected.map(({ def }) => `#   ${def.id.padEnd(16)} ${def.kind.padEnd(5)} ${def.command}`),
      "#",
      "# Change or disable one:",
      `#   [runners.${detected[0]!.def.id}]`,
      '#   timeout = "15m"',
      "#   enabled = false",
    ]
    : ["# No built-in runner applies to this project: add your own."];
  return [
    "#:schema ./schemas/config.json",
    "# Configuration of assay. Every key: assay schema config",
    "#",
    ...found,
    "#",
    "# Your own runners go into .assay/plugins.toml:",
    "#   #:schema ./schemas/plugins.json",
    '#   name = "my-project"',
    "#   [[runners]]",
    '#   id = "unit"',
    '#   kind = "test"                  # build, test or lint',
    '#   detect_file = "Makefile"       # applies when this exists',
    '#   command = "make check"         # a shell line',
    '#   # result_format = "junit-xml"  # how its tests are counted (assay help formats)',
    "",
    "[gates]",
    "# Confidence required for READY, 0 to 100.",
    "threshold = 94",
    "",
  ].join("\n");
}
