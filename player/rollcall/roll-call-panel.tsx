import { useSignal } from '@preact/signals';
import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { AnswerValue } from '../../rollcall/protocol/answer.ts';
import type { CallFrame } from '../../rollcall/protocol/frames.ts';
import { LIMITS } from '../../rollcall/protocol/limits.ts';
import { rt } from '../text/rollcall-text.ts';
import { Icon } from '../ui/icons.tsx';
import { chime, isChimeOn, setChime } from './chime.ts';
import type { DeskView } from './desk.ts';
import type { RollCall } from './roll-call.ts';

/** What lies over the picture while the roll is called. Not a modal one: the class goes on behind it. */
export function RollCallPanel({ rollCall }: { readonly rollCall: RollCall }): JSX.Element | null {
  const view = rollCall.view.value;
  const isLost = rollCall.line.value === 'lost';
  const callId = view.kind === 'asking' ? view.call.callId : '';
  const box = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    if (callId === '') return;
    chime();
    // Who is writing somewhere is not to be torn away from it.
    const isWriting = document.activeElement instanceof HTMLInputElement;
    if (!isWriting) box.current?.focus({ preventScroll: true });
  }, [callId]);

  if (view.kind === 'none') return null;
  return (
    <dialog
      ref={box}
      open
      class={`roll roll-${view.kind}`}
      tabIndex={-1}
      aria-label={rt('asks')}
      data-testid="roll-call"
      onDblClick={(event) => event.stopPropagation()}
    >
      {view.kind === 'asking' ? (
        <Asking key={view.call.callId} rollCall={rollCall} view={view} />
      ) : (
        <Said view={view} />
      )}
      {isLost && <p class="roll-note">{rt('lost')}</p>}
    </dialog>
  );
}

function Said({ view }: { readonly view: Exclude<DeskView, { kind: 'asking' | 'none' }> }): JSX.Element {
  return (
    <div class="roll-said" role="status" aria-live="assertive">
      {view.kind === 'sending' && (
        <>
          <span class="spinner" aria-hidden="true" />
          <p>
            <strong>{rt('sending')}</strong> {rt('sendingKept')}
          </p>
        </>
      )}
      {view.kind === 'confirmed' && (
        <>
          <Icon name="check" />
          <p>
            <strong>{rt(view.status)}</strong>
          </p>
        </>
      )}
      {view.kind === 'refused' && (
        <p>
          <strong>{rt(view.code === 'call-over' ? 'refused.call-over' : 'refused')}</strong>
        </p>
      )}
      {view.kind === 'missed' && <p>{rt('missed')}</p>}
    </div>
  );
}

function Asking({
  rollCall,
  view,
}: {
  readonly rollCall: RollCall;
  readonly view: Extract<DeskView, { kind: 'asking' }>;
}): JSX.Element {
  const { call, leftMs, stalled } = view;
  const name = useSignal('');
  const fault = useSignal<'nameMissing' | 'numberMissing' | 'textMissing' | null>(null);
  const isOn = useSignal(isChimeOn());
  const nameField = useRef<HTMLInputElement>(null);
  const needsName = rollCall.needsName.value;
  const answer = (value: AnswerValue): void => {
    const given = name.value.trim();
    if (needsName && given === '') {
      fault.value = 'nameMissing';
      nameField.current?.focus();
      return;
    }
    void rollCall.answer(value, needsName ? given : null);
  };
  const latest = useRef(answer);
  latest.current = answer;
  useEffect(() => {
    // Wherever the focus is: the question is what matters now.
    const onKey = (event: KeyboardEvent): void => {
      const choice = call.kind === 'choice' ? Number(event.key) - 1 : Number.NaN;
      const isShortcut = event.ctrlKey || event.metaKey || event.altKey;
      if (isShortcut || event.target instanceof HTMLInputElement || !(choice in (call.choices ?? []))) return;
      event.preventDefault();
      latest.current(choice);
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, [call]);
  return (
    <div class="roll-asking">
      <div class="roll-head">
        <p class="roll-asks">{rt('asks')}</p>
        <button
          type="button"
          class="tool"
          aria-pressed={isOn.value}
          aria-label={isOn.value ? rt('chimeOn') : rt('chimeOff')}
          title={isOn.value ? rt('chimeOn') : rt('chimeOff')}
          onClick={() => {
            isOn.value = !isOn.value;
            setChime(isOn.value);
          }}
        >
          <Icon name={isOn.value ? 'sound' : 'muted'} />
        </button>
      </div>
      <p class="roll-prompt" role="alert">
        {call.prompt}
      </p>
      <TimeLeft call={call} leftMs={leftMs} />
      {stalled && <p class="roll-note">{rt('stalled')}</p>}
      {needsName && (
        <label class="roll-field">
          <span>{rt('yourName')}</span>
          <input
            ref={nameField}
            type="text"
            autoComplete="name"
            maxLength={LIMITS.nameLength}
            value={name.value}
            onInput={(event) => {
              name.value = event.currentTarget.value;
              fault.value = null;
            }}
          />
        </label>
      )}
      <Ways call={call} answer={answer} fail={(key) => (fault.value = key)} />
      {fault.value !== null && (
        <p class="roll-note roll-fault" role="alert">
          {rt(fault.value)}
        </p>
      )}
    </div>
  );
}

function TimeLeft({ call, leftMs }: { readonly call: CallFrame; readonly leftMs: number }): JSX.Element {
  const share = call.windowMs > 0 ? leftMs / call.windowMs : 0;
  return (
    <div class="roll-time">
      <div class="roll-bar" aria-hidden="true">
        <span style={{ transform: `scaleX(${share.toFixed(3)})` }} />
      </div>
      <p>{leftMs > 0 ? rt('secondsLeft', { count: Math.ceil(leftMs / 1000) }) : rt('isLate')}</p>
    </div>
  );
}

function Ways(props: {
  readonly call: CallFrame;
  readonly answer: (value: AnswerValue) => void;
  readonly fail: (key: 'numberMissing' | 'textMissing') => void;
}): JSX.Element {
  const { call, answer, fail } = props;
  switch (call.kind) {
    case 'presence':
    case 'hand':
      return <Big onClick={() => answer(null)}>{rt(call.kind === 'hand' ? 'hand' : 'here')}</Big>;
    case 'choice':
      return (
        <div class="roll-choices">
          {(call.choices ?? []).map((choice, i) => (
            <Big key={choice} onClick={() => answer(i)}>
              <kbd aria-hidden="true">{i + 1}</kbd> {choice}
            </Big>
          ))}
        </div>
      );
    case 'number':
      return (
        <Written
          mode="decimal"
          onSend={(text) => {
            const value = Number(text.replace(',', '.'));
            if (text === '' || !Number.isFinite(value)) fail('numberMissing');
            else answer(value);
          }}
        />
      );
    case 'text':
      return (
        <Written
          mode="text"
          onSend={(text) => {
            if (text === '') fail('textMissing');
            else answer(text.normalize('NFC'));
          }}
        />
      );
  }
}

function Big(props: { readonly onClick: () => void; readonly children: ComponentChildren }): JSX.Element {
  return (
    <button type="button" class="roll-big" onClick={props.onClick}>
      {props.children}
    </button>
  );
}

function Written(props: {
  readonly mode: 'decimal' | 'text';
  readonly onSend: (text: string) => void;
}): JSX.Element {
  const text = useSignal('');
  return (
    <form
      class="roll-written"
      onSubmit={(event) => {
        event.preventDefault();
        props.onSend(text.value.trim());
      }}
    >
      <label class="roll-field">
        <span>{rt('yourAnswer')}</span>
        <input
          type="text"
          inputMode={props.mode}
          autoComplete="off"
          maxLength={LIMITS.textLength}
          value={text.value}
          onInput={(event) => (text.value = event.currentTarget.value)}
        />
      </label>
      <button type="submit" class="roll-big">
        {rt('send')}
      </button>
    </form>
  );
}
