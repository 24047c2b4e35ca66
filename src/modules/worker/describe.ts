/**
 * What a module's default export looks like, as plain data: functions become the word `function`. It says
 * what is there and judges nothing, for in a worker it is the plugin's own realm that runs it.
 *
 * @module
 */

/** Which keys of which part are data, and which say only what type of thing is there. */
const parts = {
  extensions: { data: ["name", "configKey"], types: ["prepare", "validate", "store"] },
  engines: {
    data: ["name", "capabilities", "priority", "obtain"],
    types: ["wrap", "probe", "review", "collector"],
  },
  annotators: {
    data: ["name", "description", "eager"],
    types: ["shouldAnnotate", "annotate"],
  },
  parsers: { data: ["format", "description", "holds"], types: ["parse"] },
} as const;

const plain = ["name", "version", "description", "permissions", "runners"] as const;

/** Describes a default export; what is no object is named by its type. */
export function describe(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return typeOf(value);
  const plugin = value as Record<string, unknown>;
  const description: Record<string, unknown> = { keys: Object.keys(plugin) };
  for (const key of plain) {
    if (plugin[key] !== undefined) description[key] = plugin[key];
  }
  for (const [key, { data, types }] of Object.entries(parts)) {
    const list = plugin[key];
    if (list === undefined) continue;
    description[key] = Array.isArray(list)
      ? list.map((part) => describePart(part, data, types))
      : typeOf(list);
  }
  return description;
}

function describePart(
  value: unknown,
  data: readonly string[],
  types: readonly string[],
): unknown {
  if (typeof value !== "object" || value === null) return typeOf(value);
  const part = value as Record<string, unknown>;
  const description: Record<string, unknown> = {};
  for (const key of data) if (part[key] !== undefined) description[key] = part[key];
  for (const key of types) if (part[key] !== undefined) description[key] = typeOf(part[key]);
  return description;
}

function typeOf(value: unknown): string {
  return value === null ? "null" : typeof value;
}
