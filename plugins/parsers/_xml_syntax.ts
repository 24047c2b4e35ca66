/** The parts of XML that the scanner names: kinds of bytes, names, declaration, references; and bytes as text. */

// What a byte may mean, in one table.
export const isSpace = 1;
export const startsName = 2;
export const inName = 4;
/** Part of a character beyond ASCII. */
export const isHigh = 8;
/** A value or text that holds one is not to be taken as it is. */
export const isSpecial = 16;

export const kinds = Uint8Array.from({ length: 256 }, (_, byte) => {
  if (byte >= 128) return isHigh | startsName | inName;
  const character = String.fromCharCode(byte);
  return (/[ \t\r\n]/.test(character) ? isSpace : 0) |
    (/[A-Za-z_:]/.test(character) ? startsName : 0) |
    (/[\w:.-]/.test(character) ? inName : 0) |
    (/[&<\]\t\r\n\0]/.test(character) ? isSpecial : 0);
});

/** An object without inherited properties, as fast as any other; `Object.create(null)` makes slow ones. */
export const AttributeMap = function () {} as unknown as new () => object;
AttributeMap.prototype = Object.create(null);

export const declaration =
  /^<\?xml\s+version\s*=\s*(?:"1\.\d+"|'1\.\d+')(?:\s+encoding\s*=\s*(?:"[A-Za-z][\w.-]*"|'[A-Za-z][\w.-]*'))?(?:\s+standalone\s*=\s*(?:"(?:yes|no)"|'(?:yes|no)'))?\s*\?>$/;

const nameStart =
  ":A-Z_a-z\xc0-\xd6\xd8-\xf6\xf8-\u02ff\u0370-\u037d\u037f-\u1fff\u200c\u200d\u2070-\u218f\u2c00-\u2fef\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd\u{10000}-\u{effff}";

/** https://www.w3.org/TR/xml/#NT-Name */
export const otherName = new RegExp(
  `^[${nameStart}][${nameStart}\\-.0-9\xb7\u0300-\u036f\u203f\u2040]*$`,
  "u",
);

export function withLineEnds(text: string): string {
  return text.includes("\r") ? text.replaceAll(/\r\n?/g, "\n") : text;
}

export function characterOf(name: string): string | undefined {
  switch (name) {
    case "lt":
      return "<";
    case "gt":
      return ">";
    case "amp":
      return "&";
    case "quot":
      return '"';
    case "apos":
      return "'";
  }
  const match = /^#(?:x([0-9a-fA-F]+)|(\d+))$/.exec(name);
  if (!match) return undefined;
  const code = match[1] === undefined ? Number(match[2]) : parseInt(match[1], 16);
  return code <= 0x10ffff ? String.fromCodePoint(code) : undefined;
}

export function joined(pieces: readonly Uint8Array[], length: number): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}

/** One character for each byte; one that no search looks for stands for those beyond ASCII. */
export function asciiOf(bytes: Uint8Array, decoder: TextDecoder): string {
  const text = decoder.decode(bytes);
  if (text.length === bytes.length) return text;
  const ascii = bytes.slice();
  for (let at = 0; at < ascii.length; at++) if (ascii[at]! >= 128) ascii[at] = 0x7f;
  return decoder.decode(ascii);
}
