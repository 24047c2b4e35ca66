/**
 * The hidden verb, `assay __confine ORDER -- argv…`: limits the process it runs in and becomes the program
 * it is given. `plugins/engines/_landlock_argv.ts` writes it too, as plugins import nothing of `src`.
 */
export const confineVerb = "__confine";
