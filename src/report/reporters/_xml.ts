/** Escaping for XML 1.0. */

// deno-lint-ignore no-control-regex -- what https://www.w3.org/TR/xml/#charsets leaves out, save lone surrogates
const illegal = /[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/g;

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "\t": "&#9;",
  "\n": "&#10;",
  "\r": "&#13;",
};

/** Text between tags; characters no XML may hold become U+FFFD. */
export function xmlText(text: string): string {
  return legal(text).replace(/[&<>\r]/g, (character) => entities[character]!);
}

/** An attribute with a blank before it; nothing when there is no value. */
export function attribute(name: string, value: string | number | undefined): string {
  if (value === undefined) return "";
  const text = legal(String(value)).replace(/[&<>"\t\n\r]/g, (character) => entities[character]!);
  return ` ${name}="${text}"`;
}

function legal(text: string): string {
  return text.toWellFormed().replace(illegal, "\ufffd");
}
