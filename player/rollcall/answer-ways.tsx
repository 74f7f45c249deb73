import { useSignal } from '@preact/signals';
import type { ComponentChildren, JSX } from 'preact';
import type { AnswerValue } from '../../rollcall/protocol/answer.ts';
import type { CallFrame } from '../../rollcall/protocol/frames.ts';
import { LIMITS } from '../../rollcall/protocol/limits.ts';
import { rollcallText } from '../text/rollcall-text.ts';
import { lineOf, numberOf } from './written-value.ts';

/** A choice with more characters than this is long. */
const WIDE = 24;

/** An invalid answer, as the key of its text. */
export type WrittenFault = 'numberMissing' | 'textMissing';

/** The controls that answer a call: one big button, one for each choice, or a field. */
export function AnswerWays(props: {
  readonly call: CallFrame;
  readonly answer: (value: AnswerValue) => void;
  readonly fail: (fault: WrittenFault) => void;
}): JSX.Element {
  const { call, answer, fail } = props;
  switch (call.kind) {
    case 'presence':
    case 'hand':
      return (
        <Big keys="Enter" onClick={() => answer(null)}>
          {rollcallText(call.kind === 'hand' ? 'hand' : 'here')}
        </Big>
      );
    case 'choice':
      return (
        <div class={`roll-choices${(call.choices ?? []).length > 3 ? ' roll-choices-many' : ''}`}>
          {(call.choices ?? []).map((choice, i) => (
            <Big key={choice} keys={String(i + 1)} isWide={choice.length > WIDE} onClick={() => answer(i)}>
              <kbd aria-hidden="true">{i + 1}</kbd> <span>{choice}</span>
            </Big>
          ))}
        </div>
      );
    case 'number':
      return <Written mode="decimal" read={numberOf} answer={answer} fail={() => fail('numberMissing')} />;
    case 'text':
      return <Written mode="text" read={lineOf} answer={answer} fail={() => fail('textMissing')} />;
  }
}

function Big(props: {
  readonly keys: string;
  /** It has a row of its own on small screens. */
  readonly isWide?: boolean;
  readonly onClick: () => void;
  readonly children: ComponentChildren;
}): JSX.Element {
  return (
    <button
      type="button"
      class={`roll-big${props.isWide === true ? ' roll-wide' : ''}`}
      aria-keyshortcuts={props.keys}
      onClick={props.onClick}
    >
      {props.children}
    </button>
  );
}

function Written(props: {
  readonly mode: 'decimal' | 'text';
  readonly read: (text: string) => AnswerValue;
  readonly answer: (value: AnswerValue) => void;
  readonly fail: () => void;
}): JSX.Element {
  const text = useSignal('');
  return (
    <form
      class="roll-written"
      onSubmit={(event) => {
        event.preventDefault();
        const value = props.read(text.value);
        if (value === null) props.fail();
        else props.answer(value);
      }}
    >
      <label class="roll-field">
        <span>{rollcallText('yourAnswer')}</span>
        <input
          type="text"
          inputMode={props.mode}
          enterKeyHint="send"
          autoComplete="off"
          maxLength={LIMITS.textLength}
          value={text.value}
          onInput={(event) => (text.value = event.currentTarget.value)}
        />
      </label>
      <button type="submit" class="roll-big">
        {rollcallText('send')}
      </button>
    </form>
  );
}
