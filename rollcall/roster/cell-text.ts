/** The text of a cell: one line, without what keeps it a text in spreadsheets. '' for a cell that is not there. */
export function cellText(field: string | undefined): string {
  if (field === undefined) return '';
  const text = field.replaceAll(/[\s\u200b\ufeff\u2060]+/gu, ' ').trim();
  const formula = /^="(.*)"$/u.exec(text);
  if (formula !== null) return (formula[1] ?? '').replaceAll('""', '"').trim();
  // As spreadsheets mark a text, and as exports of ours make a formula harmless.
  return text.replaceAll(/(^|[,;|])(["\s]*)'(?=[=+\-@\d＝＋－＠﹦﹢﹣﹫−])/gu, '$1$2');
}
