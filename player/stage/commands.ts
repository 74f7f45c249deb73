/** The commands of keys and buttons. */
export const COMMANDS = [
  'play',
  'mute',
  'fullscreen',
  'pip',
  'stats',
  'louder',
  'quieter',
  'live',
  'beginning',
  'back',
  'forward',
  'far-back',
  'far-forward',
  'start',
  'end',
  'slower',
  'faster',
  'help',
  'close',
] as const;
/** One of {@link COMMANDS}. */
export type Command = (typeof COMMANDS)[number];

/** Commands that repeat while their key is held down. */
export const REPEATABLE: readonly Command[] = [
  'louder',
  'quieter',
  'back',
  'forward',
  'far-back',
  'far-forward',
];

/** A key as it was pressed. */
export type KeyPress = {
  /** KeyboardEvent.key */
  readonly key: string;
  readonly shiftKey: boolean;
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
  b: 'beginning',
  ArrowUp: 'louder',
  ArrowDown: 'quieter',
  ArrowLeft: 'back',
  ArrowRight: 'forward',
  Home: 'start',
  End: 'end',
  '<': 'slower',
  '>': 'faster',
  // The same keys with a Chinese input method.
  '《': 'slower',
  '》': 'faster',
  '?': 'help',
  '？': 'help',
  Escape: 'close',
};

const WITH_SHIFT: Readonly<Partial<Record<Command, Command>>> = { back: 'far-back', forward: 'far-forward' };

/**
 * The command of a key. Keys that the focused control uses, and shortcuts of the browser, have none.
 *
 * @returns the command, or null
 */
export function commandOf(press: KeyPress): Command | null {
  if (press.ctrlKey || press.metaKey || press.altKey) return null;
  const key = press.key.length === 1 ? press.key.toLowerCase() : press.key;
  const plain = KEYS[key] ?? null;
  const command = (press.shiftKey && plain !== null && WITH_SHIFT[plain]) || plain;
  if (command === 'close') return command;
  const { focusedTag, focusedRole } = press;
  if (focusedTag === 'textarea' || focusedTag === 'select' || focusedRole === 'dialog') return null;
  if (focusedTag === 'input' && focusedRole !== 'range') return null;
  if (key === ' ' && (focusedTag === 'button' || focusedTag === 'a')) return null;
  const usesArrows = ['range', 'slider'].includes(focusedRole) || focusedRole.startsWith('menuitem');
  return /^(Arrow|Home|End)/.test(key) && usesArrows ? null : command;
}
