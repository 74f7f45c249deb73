import { useLayoutEffect, useRef } from 'preact/hooks';
import type { AnswerValue } from '../../rollcall/protocol/answer.ts';
import { hasValue } from '../../rollcall/protocol/call.ts';
import type { CallFrame } from '../../rollcall/protocol/frames.ts';
import { isShortcut } from '../ui/single-keys.ts';

/** Answers by keys wherever the focus is, except in text fields. */
export function useAnswerKeys(call: CallFrame, answer: (value: AnswerValue) => void): void {
  const latest = useRef(answer);
  latest.current = answer;
  useLayoutEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      const { target } = event;
      if (event.repeat || !isShortcut(event)) return;
      const choice = call.kind === 'choice' ? Number(event.key) - 1 : Number.NaN;
      const isChoice = /^[1-9]$/.test(event.key) && choice in (call.choices ?? []);
      // On a button or a link, Enter activates that one.
      const isFree = !(target instanceof Element) || target.closest('button, a, [role^=menu]') === null;
      if (!isChoice && !(event.key === 'Enter' && !hasValue(call.kind) && isFree)) return;
      event.preventDefault();
      latest.current(isChoice ? choice : null);
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, [call]);
}
