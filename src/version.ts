/** The version of assay; a test holds it equal to the one in `deno.json`. */
export const version = "0.1.0";
