/** What a key may ask for. */
export const COMMANDS = [
  'play',
  'mute',
  'fullscreen',
  'pip',
  'stats',
  'louder',
  'quieter',
  'live',
  'help',
  'close',
] as const;
/** One of {@link COMMANDS}. */
export type Command = (typeof COMMANDS)[number];

/** A key as it was pressed. */
export type KeyPress = {
  /** KeyboardEvent.key */
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
  /** Lower-case tag name of the element that has the focus. */
  readonly focusedTag: string;
  /** Its role attribute or, for inputs, its type; '' without one. */
  readonly focusedRole: string;
};

const KEYS: Readonly<Record<string, Command>> = {
  ' ': 'play',
  k: 'play',
  m: 'mute',
  f: 'fullscreen',
  i: 'pip',
  s: 'stats',
  l: 'live',
  ArrowUp: 'louder',
  ArrowDown: 'quieter',
  '?': 'help',
  '？': 'help',
  Escape: 'close',
};

/**
 * Tells what a key asks for. Keys that the focused control needs for itself, and shortcuts of the browser, are left alone.
 *
 * @returns the command, or null
 */
export function commandOf(press: KeyPress): Command | null {
  if (press.ctrlKey || press.metaKey || press.altKey) return null;
  const key = press.key.length === 1 ? press.key.toLowerCase() : press.key;
  const command = KEYS[key] ?? null;
  if (command === 'close') return command;
  const { focusedTag, focusedRole } = press;
  if (focusedTag === 'textarea' || focusedTag === 'select') return null;
  if (focusedTag === 'input' && focusedRole !== 'range') return null;
  if (key === ' ' && (focusedTag === 'button' || focusedTag === 'a')) return null;
  const usesArrows = focusedRole === 'range' || focusedRole.startsWith('menuitem');
  return key.startsWith('Arrow') && usesArrows ? null : command;
}
