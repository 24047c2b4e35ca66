/** One service message. */
export interface Message {
  readonly name: string;
  readonly values: Readonly<Record<string, string>>;
}

const whole = /##teamcity\[(\w+)((?:\s+\w+\s*=\s*'(?:[^'|]|\|.)*')*)\s*\]\s*$/u;
const attribute = /(\w+)\s*=\s*'((?:[^'|]|\|.)*)'/gu;
const escapes: Readonly<Record<string, string>> = {
  n: "\n",
  r: "\r",
  x: "\u0085",
  l: "\u2028",
  p: "\u2029",
};

/** The message in a line; nothing when there is none; `malformed` when it begins and is none. */
export function parseMessage(line: string): Message | "malformed" | undefined {
  const start = line.indexOf("##teamcity[");
  if (start < 0) return undefined;
  const [, name, attributes] = whole.exec(line.slice(start)) ?? [];
  if (name === undefined) {
    // A message may also hold one plain text, such as a progress message: no test is in it.
    return /^##teamcity\[\w+\s+'(?:[^'|]|\|.)*'\s*\]\s*$/u.test(line.slice(start))
      ? undefined
      : "malformed";
  }
  const values: Record<string, string> = {};
  for (const [, key, value] of attributes!.matchAll(attribute)) values[key!] = unescape(value!);
  return { name, values };
}

function unescape(text: string): string {
  return text.replace(
    /\|(?:0x([0-9a-fA-F]{4})|(.))/gsu,
    (_, hex?: string, char?: string) =>
      hex ? String.fromCharCode(parseInt(hex, 16)) : escapes[char!] ?? char!,
  );
}
