import type { LogFiles } from './log-files.ts';
import { readLine, writeLine } from './log-line.ts';

/**
 * Writes a file of the log anew, where one of its records changes. Nothing else may write to it.
 *
 * @param endByte what follows does not count and is removed; undefined for the whole file
 * @param change as for `AppendLog.rewrite`
 * @param words damaged and incomplete lines with one of them are removed
 * @throws {Error} the system's own: the file is as it was
 */
export async function rewriteFile(
  files: LogFiles,
  number: number,
  endByte: number | undefined,
  change: (record: Record<string, unknown>) => object | null,
  words: readonly string[],
): Promise<void> {
  const kept: string[] = [];
  let isChanged = false;
  for await (const { text, isComplete, offset } of files.lines(number)) {
    if (offset >= (endByte ?? Number.POSITIVE_INFINITY)) {
      isChanged = true;
      break;
    }
    const record = isComplete ? readLine(text) : null;
    if (record === null) {
      // Nobody reads the line, but it may still say who she is.
      if (words.some((word) => text.includes(word))) isChanged = true;
      else kept.push(isComplete ? `${text}\n` : text);
      continue;
    }
    const changed = change(record);
    if (changed === record) kept.push(`${text}\n`);
    else {
      isChanged = true;
      if (changed !== null) kept.push(writeLine(changed));
    }
  }
  if (!isChanged) return;
  await files.replace(number, kept.join(''));
}
