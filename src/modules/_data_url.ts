/** Reads `data:` addresses (RFC 2397). */

import { refusal, type Refused } from "./_refusal.ts";

/** What a `data:` address holds. */
export interface DataContent {
  readonly contentType: string;
  readonly bytes: Uint8Array;
}

/** Decodes base64 and percent escapes. */
export function readDataUrl(url: string, refused: Refused): DataContent {
  const [, meta, body] = /^data:([^,]*),([^]*)$/.exec(url) ?? [];
  if (meta === undefined || body === undefined) {
    throw refusal(
      "module_address_invalid",
      refused,
      "a data: address has a comma before its content",
    );
  }
  const contentType = meta.replace(/;\s*base64\s*$/i, "");
  const bytes = percentDecoded(body);
  if (contentType === meta) return { contentType, bytes };
  try {
    const text = new TextDecoder("latin1").decode(bytes).replaceAll(/\s/g, "");
    return { contentType, bytes: Uint8Array.from(atob(text), (char) => char.charCodeAt(0)) };
  } catch (error) {
    throw refusal("module_address_invalid", refused, "its content is not base64", undefined, error);
  }
}

function percentDecoded(text: string): Uint8Array {
  const encoded = new TextEncoder().encode(text);
  const bytes = new Uint8Array(encoded.length);
  let length = 0;
  for (let i = 0; i < encoded.length; i++) {
    const hex = encoded[i] === 0x25 ? String.fromCharCode(...encoded.subarray(i + 1, i + 3)) : "";
    const escaped = /^[0-9a-f]{2}$/i.test(hex);
    bytes[length++] = escaped ? parseInt(hex, 16) : encoded[i]!;
    if (escaped) i += 2;
  }
  return bytes.subarray(0, length);
}
