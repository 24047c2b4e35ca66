import { assertEquals } from "@std/assert";
import { hostProblem } from "./_host.ts";

const hosts = [
  "example.com",
  "example.com.",
  "EXAMPLE.com:443",
  "localhost",
  "my_service:80",
  "xn--bcher-kva.example",
  "127.0.0.1",
  "10.0.0.1:65535",
  "[::1]",
  "[::1]:443",
  "[2001:db8::1]",
  "[::ffff:127.0.0.1]:1",
  "a".repeat(63),
];

for (const host of hosts) {
  Deno.test(`${host} is a host`, () => assertEquals(hostProblem(host), undefined));
}

const others: Readonly<Record<string, RegExp>> = {
  "https://example.com": /address/,
  "example.com/path": /holds a \//,
  "10.0.0.0/8": /holds a \//,
  "*.example.com": /holds a \*/,
  "::1": /in brackets: "\[::1\]"/,
  "2001:db8::1": /in brackets/,
  "[::1": /no name/,
  "[]": /no name/,
  "[1.2.3.4]": /no name/,
  "[::1]x": /no name/,
  "[fe80::1%eth0]": /no name/,
  "example.com:": /port/,
  "example.com:0": /port/,
  "example.com:65536": /port/,
  "example.com:http": /port/,
  "example.com:080": /port/,
  "[::1]:": /port/,
  ":443": /no name/,
  "a b": /no name/,
  " a": /no name/,
  "a..b": /no name/,
  "-a.b": /no name/,
  "a-.b": /no name/,
  "bücher.example": /no name/,
  "user@example.com": /no name/,
  "1.2.3": /no name/,
  "256.1.1.1": /no name/,
  "1.2.3.04": /no name/,
  "12345": /no name/,
  [`${"a".repeat(64)}.b`]: /no name/,
  [Array(64).fill("abcd").join(".")]: /no name/,
  "a\nb": /no name/,
};

for (const [text, why] of Object.entries(others)) {
  Deno.test(`${JSON.stringify(text).slice(0, 40)} is no host`, () => {
    assertEquals(why.test(hostProblem(text) ?? ""), true, hostProblem(text));
  });
}
