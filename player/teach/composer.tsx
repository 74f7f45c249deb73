import { type Signal, useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { type CallKind, hasValue, type Question } from '../../rollcall/protocol/call.ts';
import { LIMITS } from '../../rollcall/protocol/limits.ts';
import { teachText } from '../text/teach-text.ts';
import { memorize, recalled } from '../ui/browser-memory.ts';
import { isComposing } from '../ui/single-keys.ts';

/** Kinds of calls that a teacher writes a question for. */
export type ComposedKind = Exclude<CallKind, 'presence'>;

const WINDOWS_S = [10, 20, 30, 60, 120, 300] as const;
const KEY = 'lectern.teach.window';

/** The form of a question. It stays open when the server refuses the question. */
export function Composer(props: {
  readonly kind: Signal<ComposedKind | null>;
  readonly isBusy: boolean;
  /** Opens the call; true when the server accepted it. */
  readonly onAsk: (question: Partial<Question>) => Promise<boolean>;
}): JSX.Element | null {
  const kind = props.kind.value;
  const prompt = useSignal('');
  const choices = useSignal<readonly string[]>(['', '']);
  const isChangeable = useSignal(false);
  const first = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (kind === null) return;
    prompt.value = kind === 'hand' ? teachText('handPrompt') : '';
    isChangeable.value = false;
    first.current?.focus();
    first.current?.select();
  }, [kind]);
  if (kind === null) return null;
  const close = () => {
    props.kind.value = null;
  };
  return (
    <form
      class="composer"
      onSubmit={(event) => {
        event.preventDefault();
        const written = choices.value.map((choice) => choice.trim()).filter((choice) => choice !== '');
        const asked = props.onAsk({
          ...{ kind, prompt: prompt.value.trim(), windowMs: windowS() * 1000 },
          ...(kind === 'choice' ? { choices: written } : {}),
          ...(isChangeable.value && hasValue(kind) ? { changeable: true } : {}),
        });
        void asked.then((isTaken) => {
          if (!isTaken) return;
          choices.value = ['', ''];
          close();
        });
      }}
      onKeyDown={(event) => {
        if (event.key === 'Escape' && !isComposing(event)) close();
      }}
    >
      <label class="teach-field">
        <span>{teachText('prompt')}</span>
        <input
          ref={first}
          required
          maxLength={LIMITS.promptLength}
          value={prompt.value}
          onInput={(event) => {
            prompt.value = event.currentTarget.value;
          }}
        />
      </label>
      {kind === 'choice' && (
        <div class="composer-choices">
          {choices.value.map((choice, i) => (
            <label class="teach-field" key={`choice-${i + 1}`}>
              <span>{teachText('option', { number: i + 1 })}</span>
              <input
                required={i < LIMITS.choicesMin}
                maxLength={LIMITS.choiceLength}
                value={choice}
                onInput={(event) => {
                  const { value } = event.currentTarget;
                  choices.value = choices.value.map((before, at) => (at === i ? value : before));
                }}
              />
            </label>
          ))}
          {choices.value.length < LIMITS.choicesMax && (
            <button
              type="button"
              class="plain-button"
              onClick={() => {
                choices.value = [...choices.value, ''];
              }}
            >
              {teachText('addOption')}
            </button>
          )}
        </div>
      )}
      {hasValue(kind) && (
        <label class="composer-check">
          <input
            type="checkbox"
            checked={isChangeable.value}
            onChange={(event) => {
              isChangeable.value = event.currentTarget.checked;
            }}
          />
          <span>{teachText('changeable')}</span>
        </label>
      )}
      <TimeChoice />
      <button type="submit" class="main-button" disabled={props.isBusy}>
        {teachText('start')}
      </button>
    </form>
  );
}

/** The time to answer, stored for the next call. */
export function TimeChoice(): JSX.Element {
  const chosen = useSignal(windowS());
  return (
    <fieldset class="time-choice">
      <legend>{teachText('time')}</legend>
      {WINDOWS_S.map((seconds) => (
        <label key={seconds}>
          <input
            type="radio"
            name="window"
            checked={chosen.value === seconds}
            onChange={() => {
              chosen.value = seconds;
              memorize(KEY, String(seconds));
            }}
          />
          <span>{teachText('seconds', { count: seconds })}</span>
        </label>
      ))}
    </fieldset>
  );
}

/** The time to answer that was last chosen, seconds. */
export function windowS(): number {
  const stored = Number(recalled(KEY));
  return WINDOWS_S.find((seconds) => seconds === stored) ?? 20;
}
