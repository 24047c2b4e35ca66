/** What is wrong with a value that fits no schema, in plain words. */

const typeWords: Readonly<Record<string, string>> = {
  string: "a string",
  number: "a number",
  boolean: "true or false",
  Array: "a list",
  Object: "an object",
};

/** A problem as the schema library reports it. */
interface Issue {
  readonly message: string;
  readonly expected: string | null;
  readonly received: string;
}

/** What is wrong with a value, in the words of configuration errors; a schema's own message stays as it is. */
export function issueText({ message, expected, received }: Issue): string {
  if (!message.startsWith("Invalid ")) return message;
  const wanted = `expected ${typeWords[expected ?? ""] ?? expected ?? "another value"}`;
  return `${wanted}, found ${received === "undefined" ? "nothing" : received}`;
}
