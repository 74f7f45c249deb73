/// <reference lib="dom" />
import assert from 'node:assert/strict';
import { areSingleKeysOn, isComposing, isShortcut } from '../../../player/ui/single-keys.ts';

describe('keys that are shortcuts', () => {
  const globals = ['HTMLInputElement', 'HTMLTextAreaElement', 'HTMLSelectElement', 'HTMLElement'] as const;
  class Element extends EventTarget {
    readonly type: string = '';
    readonly readOnly: boolean = false;
    readonly isContentEditable: boolean = false;
    constructor(change: object = {}) {
      super();
      Object.assign(this, change);
    }
  }
  class Input extends Element {}
  class Area extends Element {}
  class Select extends Element {}

  before(() => {
    Object.assign(globalThis, {
      ...{ HTMLInputElement: Input, HTMLTextAreaElement: Area },
      ...{ HTMLSelectElement: Select, HTMLElement: Element },
    });
  });
  after(() => {
    for (const name of globals) Reflect.deleteProperty(globalThis, name);
  });
  afterEach(() => {
    areSingleKeysOn.value = true;
  });

  const press = (change: object): Parameters<typeof isShortcut>[0] => ({
    ...{ key: 'h', ctrlKey: false, metaKey: false, altKey: false, isComposing: false, keyCode: 72 },
    ...{ target: new Element(), ...change },
  });
  const cases: { name: string; key: object; on: boolean; off: boolean }[] = [
    { name: 'a letter', key: {}, on: true, off: false },
    { name: 'a digit', key: { key: '1' }, on: true, off: false },
    { name: 'a sign', key: { key: '+' }, on: true, off: false },
    { name: 'space', key: { key: ' ' }, on: true, off: true },
    { name: 'an arrow', key: { key: 'ArrowLeft' }, on: true, off: true },
    { name: 'a letter with Ctrl', key: { ctrlKey: true }, on: false, off: false },
    { name: 'a letter with Alt', key: { altKey: true }, on: false, off: false },
    { name: 'a letter with the command key', key: { metaKey: true }, on: false, off: false },
    { name: 'a letter of a word that is composed', key: { isComposing: true }, on: false, off: false },
    {
      name: 'the last key of such a word in Safari',
      key: { key: 'Enter', keyCode: 229 },
      on: false,
      off: false,
    },
    { name: 'a letter in a field', key: { target: new Input({ type: 'text' }) }, on: false, off: false },
    {
      name: 'a letter in a field of numbers',
      key: { target: new Input({ type: 'number' }) },
      on: false,
      off: false,
    },
    {
      name: 'a letter in a search field',
      key: { target: new Input({ type: 'search' }) },
      on: false,
      off: false,
    },
    { name: 'a letter on a choice', key: { target: new Input({ type: 'radio' }) }, on: true, off: false },
    {
      name: 'a letter on what is only shown',
      key: { target: new Input({ type: 'text', readOnly: true }) },
      on: true,
      off: false,
    },
    { name: 'a letter in a text', key: { target: new Area() }, on: false, off: false },
    { name: 'a letter in a list', key: { target: new Select() }, on: false, off: false },
    {
      name: 'a letter in text that can be edited',
      key: { target: new Element({ isContentEditable: true }) },
      on: false,
      off: false,
    },
  ];
  for (const { name, key, on, off } of cases) {
    it(`${name}: ${on ? 'yes' : 'no'}, and ${off ? 'yes' : 'no'} when single keys are switched off`, () => {
      assert.equal(isShortcut(press(key)), on);
      areSingleKeysOn.value = false;
      assert.equal(isShortcut(press(key)), off);
    });
  }

  it('a word is composed until its last key is up', () => {
    assert.deepEqual(
      [
        { isComposing: true, keyCode: 72 },
        { isComposing: false, keyCode: 229 },
        { isComposing: false, keyCode: 13 },
      ].map(isComposing),
      [true, true, false],
    );
  });
});
