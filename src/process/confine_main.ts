/** The hidden verb alone, for `deno run` from the sources: the rest of assay would be read before it starts. */

import { confine } from "./confine.ts";
import { confineVerb } from "./confine_verb.ts";

const [verb, ...args] = Deno.args;
confine(verb === confineVerb ? args : []);
