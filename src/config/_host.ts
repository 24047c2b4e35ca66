/** Valid entries in `hosts` of a sandbox. */

/** A label of a name (RFC 1123), and `_`, which service names contain. */
const label = /^(?!-)[A-Za-z0-9_-]{1,63}(?<!-)$/;

/** Why a text is not a host with an optional port, or nothing: `example.com`, `127.0.0.1:80`, `[::1]:443`. */
export function hostProblem(text: string): string | undefined {
  if (text.includes("://")) return "it is a URL; give only the host";
  if (text.includes("/")) return "it contains a /; give one host, without a path or network";
  if (text.includes("*")) return "it contains a *; list each host";
  if (/^[\da-f:.]*:[\da-f:.]*:[\da-f:.]*$/i.test(text)) {
    return `write an IPv6 address in brackets: "[${text}]"`;
  }
  const [, host = "", port] = /^(\[[^\]]*\]|[^:[\]]*)(?::(.*))?$/s.exec(text) ?? [];
  if (port !== undefined && !(/^[1-9]\d{0,4}$/.test(port) && Number(port) <= 65_535)) {
    return "its port is not a number from 1 to 65535";
  }
  return isHost(host) ? undefined : "it is not a host name or address";
}

function isHost(host: string): boolean {
  if (host.startsWith("[")) return /^\[[\da-f:.]+\]$/i.test(host) && URL.canParse(`http://${host}`);
  const labels = host.replace(/\.$/, "").split(".");
  if (host.length > 253 || !labels.every((each) => label.test(each))) return false;
  // Programs read a name that ends in a number as an IPv4 address.
  return !/^\d+$/.test(labels.at(-1)!) || isIpv4(labels);
}

function isIpv4(parts: readonly string[]): boolean {
  return parts.length === 4 &&
    parts.every((part) => /^(?:0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255);
}
