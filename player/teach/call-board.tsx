import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import { teachText } from '../text/teach-text.ts';
import { areSingleKeysOn, isShortcut } from '../ui/single-keys.ts';
import { type ComposedKind, Composer, TimeChoice, windowS } from './composer.tsx';
import { CallResults } from './call-results.tsx';
import type { TeacherConsole } from './teacher-console.ts';

const KINDS: readonly (readonly [key: string, kind: ComposedKind])[] = [
  ['C', 'choice'],
  ['N', 'number'],
  ['T', 'text'],
  ['R', 'hand'],
];
const KNOWN_FAULTS = [
  'unreachable',
  'call-over',
  'call-open',
  'unknown-call',
  'ledger-unavailable',
  'ledger-not-durable',
  'roll-call-busy',
  'bad-input',
] as const;
/** A call cannot be ended this soon after it was opened: the second click of a double click would, milliseconds. */
const JUST_OPENED_MS = 800;

/** The card with which a teacher calls the roll and asks questions. */
export function CallBoard({ teacherConsole }: { readonly teacherConsole: TeacherConsole }): JSX.Element {
  const composing = useSignal<ComposedKind | null>(null);
  const phase = teacherConsole.current.phase.value;
  const callHere = (): void => {
    // While a call is open the key was pressed twice by accident: it must not end the call.
    if (teacherConsole.current.phase.value === 'open') return;
    composing.value = null;
    void teacherConsole.open({ kind: 'presence', prompt: teachText('here'), windowMs: windowS() * 1000 });
  };
  const openedAt = useRef(0);
  // A layout effect: it runs before the new button can be clicked.
  useLayoutEffect(() => {
    openedAt.current = phase === 'open' ? performance.now() : 0;
  }, [phase, teacherConsole.current.call.value?.callId]);
  const end = (): void => {
    // The second click of a double click hits this button, where "call" was before.
    if (performance.now() - openedAt.current > JUST_OPENED_MS) void teacherConsole.close();
  };
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.repeat || !isShortcut(event)) return;
      const key = event.key.toUpperCase();
      const kind = KINDS.find(([known]) => known === key)?.[1];
      if (key === 'H') callHere();
      else if (key === 'E') end();
      else if (key === '+' || key === '=') void teacherConsole.extend();
      else if (kind !== undefined) composing.value = kind;
      else return;
      event.preventDefault();
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, [teacherConsole]);
  return (
    <section
      class={`card call-board${areSingleKeysOn.value ? '' : ' keys-off'}`}
      aria-labelledby="call-title"
    >
      <h2 id="call-title">{teachText('callTitle')}</h2>
      {/* One place on the screen: the button calls, or ends what was called. */}
      {phase === 'open' ? (
        <div class="call-now">
          <button key="end" type="button" class="main-button end-button" onClick={end}>
            {teachText('end')} <kbd>E</kbd>
          </button>
          <button type="button" class="plain-button" onClick={() => void teacherConsole.extend()}>
            {teachText('more')} <kbd>+</kbd>
          </button>
        </div>
      ) : (
        <div class="call-now">
          <button
            key="call"
            type="button"
            class="main-button"
            disabled={teacherConsole.isBusy.value}
            onClick={callHere}
          >
            {teachText('callHere')} <kbd>H</kbd>
          </button>
          <div class="call-kinds" role="group">
            {KINDS.map(([key, kind]) => (
              <button
                key={kind}
                type="button"
                class="plain-button"
                aria-expanded={composing.value === kind}
                onClick={() => {
                  composing.value = composing.value === kind ? null : kind;
                }}
              >
                {teachText(kind)} <kbd>{key}</kbd>
              </button>
            ))}
          </div>
        </div>
      )}
      {phase !== 'open' && composing.value === null && <TimeChoice />}
      {phase !== 'open' && (
        <Composer
          kind={composing}
          isBusy={teacherConsole.isBusy.value}
          onAsk={(question) => teacherConsole.open(question)}
        />
      )}
      <Fault teacherConsole={teacherConsole} />
      <CallResults teacherConsole={teacherConsole} />
    </section>
  );
}

function Fault({ teacherConsole }: { readonly teacherConsole: TeacherConsole }): JSX.Element | null {
  const code = teacherConsole.fault.value;
  if (code === null) return null;
  const known = KNOWN_FAULTS.find((candidate) => candidate === code);
  return (
    <p class="fault" role="alert">
      {known === undefined ? teachText('fault.other', { code }) : teachText(`fault.${known}`)}
    </p>
  );
}
