/** Which runners apply to a project, and what says so. */

import type { Io } from "../io.ts";
import type { Detect } from "../plugin.ts";
import { isGlob, ProjectFiles } from "./_project_files.ts";
import type { CommandDef, Detection, Project } from "./types.ts";

/** Files of one glob that are looked into for a key or a text. */
const maxMatches = 100;

type DetectTable = Exclude<Detect, string>;

interface Answer {
  readonly detected: boolean;
  readonly why: string;
}

/** Whether a runner applies: any one of its ways to detect is enough. */
export async function detect(
  io: Io,
  root: string,
  def: CommandDef,
  files: ProjectFiles = new ProjectFiles(io, root),
): Promise<Detection> {
  if (def.detect.length === 0) {
    return { def, detected: true, why: "it has no detect_file and applies always" };
  }
  const misses: string[] = [];
  for (const one of def.detect) {
    const { detected, why } = typeof one === "string"
      ? await detectPath(files, one)
      : await detectContent(files, one);
    if (detected) return { def, detected, why };
    if (!misses.includes(why)) misses.push(why);
  }
  return { def, detected: false, why: misses.join("; ") };
}

/** Asks for every runner of a project; files are listed and read once. */
export function detectAll(io: Io, project: Project): Promise<Detection[]> {
  const files = new ProjectFiles(io, project.root);
  return Promise.all(project.runners.map((def) => detect(io, project.root, def, files)));
}

async function detectPath(files: ProjectFiles, pattern: string): Promise<Answer> {
  const { paths: [path], cut } = await files.find(pattern, 1);
  if (path === undefined) return { detected: false, why: missing(pattern, cut) };
  const why = isGlob(pattern) ? `${path} matches "${pattern}"` : `${path} is there`;
  return { detected: true, why };
}

async function detectContent(files: ProjectFiles, wanted: DetectTable): Promise<Answer> {
  const { paths, cut } = await files.find(wanted.file, maxMatches);
  const misses: string[] = [];
  for (const path of paths) {
    const answer = await lookInto(files, path, wanted);
    if (answer.detected) return answer;
    misses.push(answer.why);
  }
  return { detected: false, why: misses[0] ?? missing(wanted.file, cut) };
}

function missing(pattern: string, cut: boolean): string {
  if (!isGlob(pattern)) return `there is no ${pattern}`;
  return `no file matches "${pattern}"${cut ? " among the first 50000" : ""}`;
}

/**
 * A file that cannot be read counts as detected: its runner then fails with the tool's own words, where
 * leaving it out would let a broken manifest pass.
 */
async function lookInto(
  files: ProjectFiles,
  path: string,
  { key, contains, lacks = [] }: DetectTable,
): Promise<Answer> {
  const content = key === undefined ? await files.text(path) : await files.value(path);
  if (!content.ok) return { detected: true, why: `${path} is there, though ${content.why}` };
  const value = key === undefined ? `\n${content.value}` : valueAt(content.value, key);
  if (isEmpty(value)) return { detected: false, why: `${path} has no key "${key}"` };
  const text = typeof value === "string" ? value : JSON.stringify(value);
  const where = key === undefined ? path : `"${key}" of ${path}`;
  if (contains !== undefined && !text.includes(contains)) {
    return { detected: false, why: `${where} does not hold ${JSON.stringify(contains)}` };
  }
  const unwanted = [lacks].flat().find((each) => text.includes(each));
  if (unwanted !== undefined) {
    return { detected: false, why: `${where} holds ${JSON.stringify(unwanted)}` };
  }
  if (contains !== undefined) {
    return { detected: true, why: `${where} holds ${JSON.stringify(contains)}` };
  }
  const why = key === undefined ? `${path} is there` : `${path} has the key "${key}"`;
  return { detected: true, why };
}

function isEmpty(value: unknown): boolean {
  return value === undefined || value === null || value === "";
}

/** The value at a dotted path, by own keys. */
function valueAt(value: unknown, key: string): unknown {
  return key.split(".").reduce(
    (inner, name) =>
      typeof inner === "object" && inner !== null && Object.hasOwn(inner, name)
        ? (inner as Record<string, unknown>)[name]
        : undefined,
    value,
  );
}
