/**
 * An extension that puts the time in front of every line a command writes to standard output, and keeps
 * with the attempt when it began and ended.
 *
 * @module
 */

import { definePlugin } from "assay/plugin";
import { inSingleQuotes, stamped } from "./shell.ts";

const defaultFormat = "[%H:%M:%S]";

export default definePlugin({
  name: "timestamp",
  version: "1.0.0",
  description: "the time in front of every line of standard output",
  extensions: [{
    name: "timestamp",
    configKey: "timestamp",
    validate(config) {
      const known = ["enabled", "format"];
      return [
        ...Object.keys(config).filter((key) => !known.includes(key))
          .map((key) => `${key} is not known; known are ${known.join(" and ")}`),
        ...["undefined", "boolean"].includes(typeof config.enabled)
          ? []
          : ["enabled must be true or false"],
        ...["undefined", "string"].includes(typeof config.format)
          ? []
          : ['format must be a string for date(1), such as "[%H:%M:%S]"'],
      ];
    },
    prepare(spec) {
      const { enabled = true, format = defaultFormat } = spec.extensionData.timestamp ?? {};
      if (enabled) spec.command = stamped(spec.command, inSingleQuotes(`+${format}`));
      return spec;
    },
    store(_spec, { startedAt, completedAt }, store) {
      store.set("started", startedAt);
      store.set("completed", completedAt);
    },
  }],
});
