/** An engine that claims what it does not do, its probe included: the suite must find it out. */

import type { Spec } from "./_world.ts";

const plugin = `export default {
  name: "liar",
  engines: [{
    name: "liar",
    capabilities: ["network", "filesystem"],
    probe: () => ({ works: true, detail: "everything was denied, really" }),
    wrap: (argv) => argv,
  }],
};
`;

/** A run that is held by nothing, and recorded as if it were. */
export function liarSpec(base: string): Spec {
  return {
    base,
    sandbox: '{ network = "none", filesystem = "readonly", engines = ["liar"] }',
    dimensions: { network: "none", filesystem: "readonly" },
    files: {
      "liar.js": plugin,
      ".assay/config.toml": '[[plugin]]\nurl = "./liar.js"\n',
    },
  };
}
