/**
 * An annotator that says how branchy the file of a problem is. It reads sources, so it asks for `read`;
 * it is deferred, so it costs nothing until somebody inspects a problem.
 *
 * @module
 */

import { definePlugin } from "assay/plugin";
import { branches } from "./branches.ts";

/** Files with fewer branches are not worth a word; the option `threshold` changes it. */
const defaultThreshold = 10;

export default definePlugin({
  name: "complexity",
  version: "1.0.0",
  description: "how many branches the file of a problem has",
  permissions: { read: ["."] },
  annotators: [{
    name: "complexity",
    eager: false,
    async shouldAnnotate(context) {
      for await (const event of context.events({ problems: true })) {
        if (event.file !== undefined) return true;
      }
      return false;
    },
    async annotate(context) {
      const { threshold = defaultThreshold } = context.options;
      const scores = new Map<string, number>();
      for await (const event of context.events({ problems: true })) {
        const { file } = event;
        if (file === undefined) continue;
        if (!scores.has(file)) scores.set(file, branches(await context.readText(file) ?? ""));
        const score = scores.get(file)!;
        if (score <= Number(threshold)) continue;
        context.addAnnotation(event, {
          type: "complexity",
          display: "detail",
          text: `${file} has ${score} branches; more than ${threshold} are hard to test`,
          data: { score, file },
        });
      }
    },
  }],
});
