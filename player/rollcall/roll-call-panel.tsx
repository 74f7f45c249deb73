import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { rollcallText } from '../text/rollcall-text.ts';
import { Icon } from '../ui/icons.tsx';
import { Asking } from './asking.tsx';
import { chime } from './chime.ts';
import type { CallView } from './call-view.ts';
import type { RollCall } from './roll-call.ts';

/** What lies over the picture while the roll is called. */
export function RollCallPanel({ rollCall }: { readonly rollCall: RollCall }): JSX.Element {
  const isShown = rollCall.view.value.kind !== 'none';
  return (
    <>
      {/* It is there before there is anything in it: then what comes into it is read aloud. */}
      <div aria-live="assertive" aria-relevant="additions text">
        {isShown && <Box rollCall={rollCall} />}
      </div>
      {rollCall.line.value === 'denied' && <Denied />}
    </>
  );
}

/** No dialog: the class goes on behind it, and the player's keys do as well. */
function Box({ rollCall }: { readonly rollCall: RollCall }): JSX.Element | null {
  const view = rollCall.view.value;
  const { value: line } = rollCall.line;
  const callId = view.kind === 'asking' ? view.call.callId : '';
  const isAsking = view.kind === 'asking';
  const box = useRef<HTMLElement>(null);
  const before = useRef<Element | null>(null);
  useEffect(() => {
    const own = box.current;
    // As soon as there is nothing to answer: what is said then is read aloud wherever the keyboard is.
    return isAsking ? () => giveKeyboardBack(own, before.current) : undefined;
  }, [isAsking]);
  useEffect(() => {
    if (callId === '') return;
    chime();
    const { activeElement } = document;
    if (isBusy(activeElement)) return;
    if (box.current?.contains(activeElement) !== true) before.current = activeElement;
    box.current?.focus({ preventScroll: true });
  }, [callId]);
  if (view.kind === 'none') return null;
  return (
    <section
      ref={box}
      class={`roll roll-${view.kind}`}
      tabIndex={-1}
      aria-label={rollcallText('asks')}
      data-testid="roll-call"
    >
      {view.kind === 'asking' ? (
        <Asking key={callId} rollCall={rollCall} view={view} />
      ) : (
        <Said view={view} />
      )}
      {line === 'lost' && <p class="roll-note">{rollcallText('lost')}</p>}
      {line === 'denied' && view.kind === 'sending' && <p class="roll-note">{rollcallText('denied')}</p>}
    </section>
  );
}

/** Who went on with the keyboard goes on where she was. */
function giveKeyboardBack(box: HTMLElement | null, back: Element | null): void {
  const { activeElement } = document;
  if (activeElement !== document.body && box?.contains(activeElement) !== true) return;
  if (activeElement instanceof HTMLElement) activeElement.blur();
  if (back instanceof HTMLElement && back.isConnected) back.focus({ preventScroll: true });
}

/** Who is writing, or has a menu open, is not to be torn away from it. */
function isBusy(element: Element | null): boolean {
  const isWriting = element instanceof HTMLInputElement && element.type !== 'range';
  return isWriting || element?.closest('[role=menu]') instanceof Element;
}

function Said({ view }: { readonly view: Exclude<CallView, { kind: 'asking' | 'none' }> }): JSX.Element {
  switch (view.kind) {
    case 'sending':
      return (
        <div class="roll-said">
          <span class="spinner" aria-hidden="true" />
          <p>
            <strong>{rollcallText('sending')}</strong> {rollcallText('sendingKept')}
          </p>
        </div>
      );
    case 'confirmed':
      return (
        <div class="roll-said">
          <Icon name="check" />
          <p>
            <strong>{rollcallText(view.isOther ? 'other' : view.status)}</strong>
          </p>
        </div>
      );
    case 'refused':
      return (
        <div class="roll-said">
          <Icon name="alert" />
          <p>
            <strong>{rollcallText(view.code === 'call-over' ? 'refused.call-over' : 'refused')}</strong>
          </p>
        </div>
      );
    case 'unsent':
      return (
        <div class="roll-said">
          <Icon name="clock" />
          <p>{rollcallText('unsent')}</p>
        </div>
      );
    case 'missed':
      return (
        <div class="roll-said">
          <Icon name="clock" />
          <p>{rollcallText('missed')}</p>
        </div>
      );
  }
}

/** Her link is not taken: she would wait for questions that never come. */
function Denied(): JSX.Element | null {
  const isRead = useSignal(false);
  if (isRead.value) return null;
  return (
    <p class="stage-note" role="status" data-testid="roll-denied">
      {rollcallText('denied')}
      <button type="button" onClick={() => (isRead.value = true)}>
        {rollcallText('understood')}
      </button>
    </p>
  );
}
