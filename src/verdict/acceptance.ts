/**
 * Reads a Markdown checklist: the task list items of GitHub Flavored Markdown (5.3), anywhere in the
 * document except in code and comments. Pure.
 *
 * @module
 */

/** One item of a checklist. */
export interface AcceptanceItem {
  readonly text: string;
  readonly checked: boolean;
  /** From 1. */
  readonly line: number;
}

/** A checklist that was read, or why it could not be. */
export type Acceptance =
  | {
    readonly checked: number;
    readonly total: number;
    readonly items: readonly AcceptanceItem[];
  }
  | { readonly error: string };

/**
 * Bullets or numbers, and a box. A box with another common mark (`-`, `~`, `/`) is an item that
 * is not done; `[text](link)` is not an item.
 */
const itemPattern = /^(?:\s|>)*(?:(?:[-*+]|\d{1,9}[.)])\s+)+\[([xX~/-])\](?:\s+(.*))?$/;
/**
 * An empty box, however it is spaced. GitHub does not recognise all of these; but the author of one
 * meant work that is not done, and what is skipped here would count as done.
 */
const emptyPattern = /^(?:\s|>)*(?:(?:[-*+]|\d{1,9}[.)])\s+)+\[((?:\s|\p{Cf})*)\](?!\()(.*)$/u;
const fencePattern = /^(?:\s|>)*(?:(?:[-*+]|\d{1,9}[.)])\s+)?(`{3,}|~{3,})(.*)$/;

/**
 * Reads the items. A fence or comment that is never closed hides the rest of the file, including
 * unseen items: that is an error.
 */
export function readAcceptance(markdown: string): Acceptance {
  const items: AcceptanceItem[] = [];
  let fence: { readonly mark: string; readonly line: number } | undefined;
  let comment: number | undefined;
  let inList = false;

  markdown.split(/\r\n|\r|\n/).forEach((raw, index) => {
    const line = index + 1;
    if (fence) {
      if (closes(raw, fence.mark)) fence = undefined;
      return;
    }
    const shown = withoutComments(raw, comment !== undefined);
    comment = shown.open ? comment ?? line : undefined;
    const mark = comment === undefined ? opening(shown.text) : undefined;
    if (mark !== undefined) {
      fence = { mark, line };
      return;
    }
    const item = itemPattern.exec(shown.text) ?? emptyPattern.exec(shown.text);
    if (item && (inList || !isIndentedCode(shown.text))) {
      inList = true;
      const text = (item[2] ?? "").trim();
      items.push({ text, checked: item[1]!.toLowerCase() === "x", line });
    } else if (/^\S/.test(shown.text)) {
      inList = /^(?:[-*+]|\d{1,9}[.)])\s/.test(shown.text);
    }
  });

  if (fence) return { error: `the code block opened in line ${fence.line} is never closed` };
  if (comment) return { error: `the comment opened in line ${comment} is never closed` };
  return { checked: items.filter(({ checked }) => checked).length, total: items.length, items };
}

/** The fence a line opens; a backtick in the words after backticks makes it a code span instead. */
function opening(text: string): string | undefined {
  const [, mark, info] = fencePattern.exec(text) ?? [];
  return mark?.startsWith("`") && info?.includes("`") ? undefined : mark;
}

function closes(text: string, mark: string): boolean {
  const [, close, rest] = fencePattern.exec(text) ?? [];
  return close !== undefined && close[0] === mark[0] && close.length >= mark.length &&
    rest!.trim() === "";
}

/** Four columns outside a list make a code block. */
function isIndentedCode(text: string): boolean {
  return /^(?: {4}| {0,3}\t)/.test(text);
}

/** The line without `<!-- … -->` comments, and whether one continues after it. */
function withoutComments(raw: string, inside: boolean): { text: string; open: boolean } {
  let text = "";
  let rest = raw;
  let open = inside;
  for (;;) {
    const at = rest.indexOf(open ? "-->" : "<!--");
    if (!open) text += at < 0 ? rest : rest.slice(0, at);
    if (at < 0) return { text, open };
    rest = rest.slice(at + (open ? 3 : 4));
    open = !open;
  }
}
