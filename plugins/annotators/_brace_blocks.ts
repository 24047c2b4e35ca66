import type { Name } from "./_headers.ts";
import type { Language } from "./_languages.ts";

/** A block between braces, with its header, and the text between it and what is before it. */
interface Block {
  readonly from: number;
  readonly to: number;
  readonly header: string;
}

/** A bracket that is open, and where the text begins that may be the header of the next block in it. */
interface Open {
  readonly bracket: string;
  readonly at: number;
  /** Where the header begins of the block that this bracket opens. */
  readonly headerAt: number;
  next: number;
}

const closes: Readonly<Record<string, string>> = { ")": "(", "]": "[", "}": "{" };

/** What follows a type or pattern in braces that is part of a header. */
const goesOn = /\s*[{>|&)=,:]/y;

/** Characters of a header that are looked at, from its end: data may be long. */
const headerLimit = 2_000;

/**
 * Names of the blocks around a line where blocks are told by braces, outermost first. `undefined` where
 * brackets do not match, or where two blocks share the line and nobody knows which is meant.
 */
export function braceBlocks(code: string, line: number, language: Language): string[] | undefined {
  const extent = extentOf(code, line);
  const named = blocksAround(code, extent)
    ?.toSorted((a, b) => a.from - b.from)
    .flatMap((block) => {
      const name = language.nameOf(block.header.slice(-headerLimit).trim());
      return name === undefined ? [] : [{ block: { ...block, from: startOf(block, name) }, name }];
    })
    .filter(({ block }) => block.from <= extent.to);
  if (named === undefined) return undefined;
  const isNested = named.every(({ block }, index) => {
    const outer = named[index - 1]?.block;
    return outer === undefined || (block.from > outer.from && block.to <= outer.to);
  });
  return isNested ? namesOf(named.map(({ name }) => name)) : undefined;
}

/** Where the name stands: before it the header may hold statements that no semicolon ends. */
function startOf({ from, header }: Block, { name }: Name): number {
  const last = name.slice(name.lastIndexOf(".") + 1);
  return from + Math.max(0, header.trimStart().lastIndexOf(last));
}

/** In a function, what has the form of a method is a statement with a block. */
function namesOf(names: readonly Name[]): string[] {
  const kept: string[] = [];
  let inFunction = false;
  for (const { name, kind } of names) {
    if (kind === "method" && inFunction) continue;
    kept.push(name);
    inFunction = kind !== "type";
  }
  return kept;
}

interface Extent {
  readonly from: number;
  readonly to: number;
}

function extentOf(code: string, line: number): Extent {
  let from = 0;
  for (let at = 1; at < line; at++) from = code.indexOf("\n", from) + 1;
  const end = code.indexOf("\n", from);
  return { from, to: end < 0 ? code.length : end };
}

function blocksAround(code: string, { from, to }: Extent): Block[] | undefined {
  const blocks: Block[] = [];
  const stack: Open[] = [{ bracket: "", at: 0, headerAt: 0, next: 0 }];
  for (const { 0: sign, index } of code.matchAll(/[()[\]{};]/g)) {
    const top = stack.at(-1)!;
    if (sign === ";") top.next = index + 1;
    else if (closes[sign] === undefined) {
      stack.push({ bracket: sign, at: index, headerAt: top.next, next: index + 1 });
    } else {
      if (top.bracket !== closes[sign]) return undefined;
      stack.pop();
      if (sign !== "}") continue;
      const block = blockOf(code, top, index);
      if (block.from <= to && block.to >= from) blocks.push(block);
      const outer = stack.at(-1)!;
      goesOn.lastIndex = index + 1;
      if (outer.bracket !== "(" && !goesOn.test(code)) outer.next = index + 1;
    }
  }
  return stack.length === 1 ? blocks : undefined;
}

function blockOf(code: string, { headerAt, at }: Open, to: number): Block {
  const header = code.slice(headerAt, at);
  return { from: headerAt + header.length - header.trimStart().length, to, header };
}
