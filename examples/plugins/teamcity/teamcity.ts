/**
 * A parser of TeamCity service messages: what PHPUnit (`--teamcity`), pytest (teamcity-messages), NUnit and
 * others write to standard output, one `##teamcity[…]` a line.
 *
 * @see https://www.jetbrains.com/help/teamcity/service-messages.html
 * @module
 */

import { definePlugin, type ReportParser } from "assay/plugin";
import { lines } from "./lines.ts";
import { parseMessage } from "./message.ts";
import { TestReader } from "./test_reader.ts";

const parser: ReportParser = {
  format: "teamcity",
  description: "TeamCity service messages: PHPUnit --teamcity, pytest, NUnit …",
  holds: "tests",
  async *parse(input) {
    const reader = new TestReader();
    let number = 0;
    for await (const line of lines(input)) {
      number++;
      const message = parseMessage(line);
      if (message === undefined) continue;
      if (message === "malformed") {
        yield {
          kind: "broken",
          reason: "malformed",
          message: "not a service message",
          line: number,
        };
        return;
      }
      yield* reader.read(message);
    }
    const open = reader.open();
    if (open !== undefined) {
      yield {
        kind: "broken",
        reason: "truncated",
        message: `${open} began and never ended`,
        line: number,
      };
      return;
    }
    yield { kind: "end" };
  },
};

export default definePlugin({ name: "teamcity", version: "1.0.0", parsers: [parser] });
