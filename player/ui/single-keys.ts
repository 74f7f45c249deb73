import { signal } from '@preact/signals';
import { memorize, recalled } from './browser-memory.ts';

const KEY = 'lectern.keys';

/**
 * Whether single letters, digits and signs are shortcuts. Dictation and assistive keyboards type whole words: whoever uses them
 * switches the shortcuts off, on all pages of this browser.
 *
 * @see WCAG 2.2 §2.1.4 (character key shortcuts)
 */
export const areSingleKeysOn = signal(recalled(KEY) !== 'off');

/** Switches the shortcuts on or off, and remembers it. */
export function setSingleKeys(areOn: boolean): void {
  areSingleKeysOn.value = areOn;
  memorize(KEY, areOn ? null : 'off');
}

/** What is read of a key. */
type PressedKey = Pick<
  KeyboardEvent,
  'key' | 'ctrlKey' | 'metaKey' | 'altKey' | 'isComposing' | 'keyCode' | 'target'
>;

/** Inputs in which no text is written. */
const WITHOUT_TEXT = new Set([
  'button',
  'checkbox',
  'color',
  'file',
  'image',
  'radio',
  'range',
  'reset',
  'submit',
]);

/**
 * Whether a key is a shortcut of the page: not while a word is composed or text is written, not together with Ctrl, Alt or the
 * command key, which are the browser's, and a single character only where those are switched on.
 */
export function isShortcut(event: PressedKey): boolean {
  if (isComposing(event) || event.ctrlKey || event.metaKey || event.altKey) return false;
  if (isWriting(event.target)) return false;
  const isCharacter = event.key.length === 1 && event.key !== ' ';
  return !isCharacter || areSingleKeysOn.value;
}

/** Safari's key code while a word is composed. */
const COMPOSING_CODE = 229;

/**
 * Whether a key belongs to a word that is being composed, as with Chinese input methods. Safari says so of the key that ends the word
 * by its code alone (WebKit bug 165004).
 */
export function isComposing(event: Pick<KeyboardEvent, 'isComposing' | 'keyCode'>): boolean {
  return event.isComposing || event.keyCode === COMPOSING_CODE;
}

/** Whether keys are written into the focused element, or choose in it. */
export function isWriting(target: EventTarget | null): boolean {
  if (target instanceof HTMLInputElement) return !WITHOUT_TEXT.has(target.type) && !target.readOnly;
  if (target instanceof HTMLTextAreaElement) return !target.readOnly;
  return target instanceof HTMLSelectElement || (target instanceof HTMLElement && target.isContentEditable);
}
