/** Annotations where nothing can be written: shown, and forgotten when the verb ends. */

import type { Annotation } from "../model.ts";
import type { AnnotateHost } from "../pipeline/annotate.ts";
import { isReadOnly } from "../store/failure.ts";
import type { Store } from "../store/types.ts";

/** What could not be kept. */
export interface Unkept {
  /** What these say now stands in place of what is stored of them. */
  readonly annotators: ReadonlySet<string>;
  readonly annotations: readonly Annotation[];
}

/** The store, save that what cannot be written goes to `unkept`; `ref` is the attempt's. */
export function keepingWherePossible(
  store: Store,
  ref: string,
): { readonly view: AnnotateHost["store"]; readonly unkept: Unkept } {
  const annotators = new Set<string>();
  const annotations: Annotation[] = [];
  const view: AnnotateHost["store"] = {
    eventPages: store.eventPages,
    lastEvent: store.lastEvent,
    query: store.query,
    putAnnotations(attemptId, annotator, put, options) {
      try {
        return store.putAnnotations(attemptId, annotator, put, options);
      } catch (error) {
        if (!isReadOnly(error)) throw error;
        annotators.add(annotator);
        for (const { index, ...rest } of put) {
          annotations.push({ ref: index === 0 ? ref : `${ref}:${index}`, annotator, ...rest });
        }
        return { written: put.length, removed: 0 };
      }
    },
  };
  return { view, unkept: { annotators, annotations } };
}
