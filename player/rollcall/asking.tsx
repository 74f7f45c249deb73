import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useRef, useState } from 'preact/hooks';
import type { AnswerValue } from '../../rollcall/protocol/answer.ts';
import { hasValue } from '../../rollcall/protocol/call.ts';
import { LIMITS } from '../../rollcall/protocol/limits.ts';
import { rollcallText } from '../text/rollcall-text.ts';
import { Icon } from '../ui/icons.tsx';
import { isComposing } from '../ui/single-keys.ts';
import { useAnswerKeys } from './answer-keys.ts';
import { AnswerWays, type WrittenFault } from './answer-ways.tsx';
import { isChimeOn, setChime } from './chime.ts';
import type { CallView } from './call-view.ts';
import { nameOf } from './identity.ts';
import { leave } from '../rights/leave.ts';
import type { RollCall } from './roll-call.ts';
import { SharedName } from './shared-name.ts';
import { TimeLeft } from './time-left.tsx';

/** A call that is asked: question, time left, and controls to answer it. */
export function Asking(props: {
  readonly rollCall: RollCall;
  readonly view: Extract<CallView, { kind: 'asking' }>;
}): JSX.Element {
  const { rollCall, view } = props;
  const { call } = view;
  const known = rollCall.name.value;
  const written = useSignal(known);
  const isNaming = useSignal(rollCall.isGuest && known === '');
  const { lastName } = rollCall;
  const fault = useSignal<'nameMissing' | 'whichOne' | WrittenFault | null>(null);
  const [shared] = useState(
    () => new SharedName({ isShared: (name) => rollCall.isShared(name), later: cancellable }),
  );
  const nameField = useRef<HTMLInputElement>(null);
  const answer = (value: AnswerValue): void => {
    const name = isNaming.value ? nameOf(written.value) : null;
    if (isNaming.value && name === null) {
      fault.value = 'nameMissing';
      nameField.current?.focus();
      return;
    }
    if (name !== null && shared.mustAsk(name)) {
      fault.value = 'whichOne';
      nameField.current?.focus();
      return;
    }
    void rollCall.answer(value, name);
  };
  useAnswerKeys(call, answer);
  const isShared = fault.value === 'whichOne';
  return (
    <div class="roll-asking">
      <div class="roll-head">
        <p class="roll-asks">{rollcallText('asks')}</p>
        <ChimeSwitch />
      </div>
      <p class="roll-prompt">{call.prompt}</p>
      <TimeLeft call={call} leftMs={view.leftMs} />
      {view.stalled && <p class="roll-note">{rollcallText('stalled')}</p>}
      {view.isAgain && <p class="roll-note roll-fault">{rollcallText('again')}</p>}
      {isNaming.value && (
        <label class="roll-field">
          <span>{rollcallText('yourName')}</span>
          <input
            ref={nameField}
            type="text"
            autoComplete="name"
            maxLength={LIMITS.nameLength}
            value={written.value}
            onInput={(event) => {
              written.value = event.currentTarget.value;
              fault.value = null;
              shared.written(nameOf(written.value));
            }}
            onKeyDown={(event) => {
              // While a Chinese word is composed, Enter ends the word only.
              if (event.key !== 'Enter' || isComposing(event) || hasValue(call.kind)) return;
              event.preventDefault();
              answer(null);
            }}
          />
          {isShared ? (
            <small class="roll-hint roll-fault">
              {rollcallText('whichOne', { name: written.value.trim() })}
            </small>
          ) : (
            <small class="roll-hint">{rollcallText('sameName')}</small>
          )}
        </label>
      )}
      <AnswerWays call={call} answer={answer} fail={(key) => (fault.value = key)} />
      {fault.value !== null && !isShared && <p class="roll-note roll-fault">{rollcallText(fault.value)}</p>}
      {isNaming.value && lastName !== '' && written.value !== lastName && (
        <p class="roll-who">
          <button
            type="button"
            onClick={() => {
              written.value = lastName;
              shared.written(nameOf(lastName));
            }}
          >
            {rollcallText('stillYou', { name: lastName })}
          </button>
        </p>
      )}
      {known !== '' && !isNaming.value && (
        <p class="roll-who">
          {rollcallText('youAre', { name: known })}{' '}
          <button
            type="button"
            onClick={() => {
              if (!rollCall.isGuest) leave();
              written.value = '';
              isNaming.value = true;
            }}
          >
            {rollcallText('notYou')}
          </button>
        </p>
      )}
    </div>
  );
}

function cancellable(run: () => void, delayMs: number): () => void {
  const timer = setTimeout(run, delayMs);
  return () => clearTimeout(timer);
}

function ChimeSwitch(): JSX.Element {
  const isOn = useSignal(isChimeOn());
  const label = rollcallText(isOn.value ? 'chimeOn' : 'chimeOff');
  return (
    <button
      type="button"
      class="tool"
      aria-pressed={isOn.value}
      aria-label={label}
      title={label}
      onClick={() => {
        isOn.value = !isOn.value;
        setChime(isOn.value);
      }}
    >
      <Icon name={isOn.value ? 'sound' : 'muted'} />
    </button>
  );
}
