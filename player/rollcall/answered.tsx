import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import type { AnswerValue } from '../../rollcall/protocol/answer.ts';
import type { CallFrame } from '../../rollcall/protocol/frames.ts';
import { rollcallText } from '../text/rollcall-text.ts';
import { joinSentences } from '../text/sentences.ts';
import { language } from '../text/language.ts';
import { Icon } from '../ui/icons.tsx';
import { useAnswerKeys } from './answer-keys.ts';
import { answeredSentences } from './answer-text.ts';
import { AnswerWays, type WrittenFault } from './answer-ways.tsx';
import type { CallView } from './call-view.ts';
import type { RollCall } from './roll-call.ts';
import { TimeLeft } from './time-left.tsx';

/** An answer that may be changed: what it is, until when, and on request the controls to give another one. */
export function Answered(props: {
  readonly rollCall: RollCall;
  readonly view: Extract<CallView, { kind: 'answered' }>;
}): JSX.Element {
  const { rollCall, view } = props;
  const isChanging = useSignal(false);
  return (
    <div class="roll-answered" data-testid="roll-answered">
      <div class="roll-said">
        <Icon name="check" />
        <p>
          <strong>{joinSentences(answeredSentences(view, rollcallText), language.value)}</strong>
        </p>
      </div>
      {isChanging.value && (
        <Changing
          call={view.call}
          leftMs={view.leftMs}
          answer={(value) => void rollCall.answer(value, null)}
        />
      )}
      <p class="roll-who">
        <button type="button" onClick={() => (isChanging.value = !isChanging.value)}>
          {rollcallText(isChanging.value ? 'keepAnswer' : 'changeAnswer')}
        </button>
      </p>
    </div>
  );
}

function Changing(props: {
  readonly call: CallFrame;
  readonly leftMs: number;
  readonly answer: (value: AnswerValue) => void;
}): JSX.Element {
  const { call, leftMs, answer } = props;
  const fault = useSignal<WrittenFault | null>(null);
  const ways = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => ways.current?.querySelector<HTMLElement>('button, input')?.focus(), []);
  useAnswerKeys(call, answer);
  return (
    <div ref={ways}>
      <p class="roll-prompt">{call.prompt}</p>
      <TimeLeft call={call} leftMs={leftMs} />
      <AnswerWays call={call} answer={answer} fail={(key) => (fault.value = key)} />
      {fault.value !== null && <p class="roll-note roll-fault">{rollcallText(fault.value)}</p>}
    </div>
  );
}
