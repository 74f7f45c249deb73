import type { RosterColumn } from '../../rollcall/protocol/roster-preview.ts';

/**
 * The uses of columns after one of them was chosen: a use moves from the column that had it, except in a list of two students a
 * row. A whole name takes the place of its parts, and they of it.
 */
export function withUse(
  columns: readonly RosterColumn[],
  column: number,
  use: RosterColumn['use'],
): readonly RosterColumn['use'][] {
  const uses = columns.map((one) => one.use);
  const areTwoARow = uses.filter((one) => one === 'name').length > 1;
  const parts: readonly RosterColumn['use'][] = ['family', 'given', 'middle'];
  return uses.map((one, i) => {
    if (i === column) return use;
    if (use === null || areTwoARow) return one;
    const isReplaced =
      one === use || (use === 'name' ? parts.includes(one) : parts.includes(use) && one === 'name');
    return isReplaced ? null : one;
  });
}
