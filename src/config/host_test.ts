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
  "https://example.com": /URL/,
  "example.com/path": /contains a \//,
  "10.0.0.0/8": /contains a \//,
  "*.example.com": /contains a \*/,
  "::1": /in brackets: "\[::1\]"/,
  "2001:db8::1": /in brackets/,
  "[::1": /not a host name/,
  "[]": /not a host name/,
  "[1.2.3.4]": /not a host name/,
  "[::1]x": /not a host name/,
  "[fe80::1%eth0]": /not a host name/,
  "example.com:": /port/,
  "example.com:0": /port/,
  "example.com:65536": /port/,
  "example.com:http": /port/,
  "example.com:080": /port/,
  "[::1]:": /port/,
  ":443": /not a host name/,
  "a b": /not a host name/,
  " a": /not a host name/,
  "a..b": /not a host name/,
  "-a.b": /not a host name/,
  "a-.b": /not a host name/,
  "bücher.example": /not a host name/,
  "user@example.com": /not a host name/,
  "1.2.3": /not a host name/,
  "256.1.1.1": /not a host name/,
  "1.2.3.04": /not a host name/,
  "12345": /not a host name/,
  [`${"a".repeat(64)}.b`]: /not a host name/,
  [Array(64).fill("abcd").join(".")]: /not a host name/,
  "a\nb": /not a host name/,
};

for (const [text, why] of Object.entries(others)) {
  Deno.test(`${JSON.stringify(text).slice(0, 40)} is no host`, () => {
    assertEquals(why.test(hostProblem(text) ?? ""), true, hostProblem(text));
  });
}
