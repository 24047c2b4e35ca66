/** Words for a POSIX shell. */

/** A text as one word. */
export function inSingleQuotes(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/**
 * The shell line that runs `command` with the time before each line of its standard output. A plain
 * `command | stamp` would end with the exit code of the last of the two, and a failing command would pass:
 * the command's own goes round the pipe through descriptor 4. Descriptor 3 is the real standard output.
 */
export function stamped(command: string, format: string): string {
  const stamp = `while IFS= read -r line || [ -n "$line" ]; do ` +
    `printf '%s %s\\n' "$(date ${format})" "$line"; done`;
  return `exec 3>&1\n` +
    `status=$( { { (\n${command}\n) 3>&- 4>&-; echo "$?" >&4; } | { ${stamp}; } >&3; } 4>&1 )\n` +
    `exit "$status"`;
}
