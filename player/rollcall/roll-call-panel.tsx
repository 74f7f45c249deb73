import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { rollcallText } from '../text/rollcall-text.ts';
import { joinSentences } from '../text/sentences.ts';
import { language } from '../text/language.ts';
import { Icon } from '../ui/icons.tsx';
import { confirmedSentences } from './answer-text.ts';
import { Answered } from './answered.tsx';
import { Asking } from './asking.tsx';
import type { CallView } from './call-view.ts';
import type { RollCall } from './roll-call.ts';

/** The roll call over the picture; null until it is loaded. */
export function RollCallPanel({ rollCall }: { readonly rollCall: RollCall }): JSX.Element {
  const isShown = rollCall.view.value.kind !== 'none';
  return (
    <>
      {/* The element exists before its content, so that screen readers announce the content. */}
      <div aria-live="assertive" aria-relevant="additions text">
        {isShown && <Box rollCall={rollCall} />}
      </div>
      {rollCall.line.value === 'denied' && <Note text={rollcallText('denied')} />}
      {rollCall.line.value === 'guests-off' && <Note text={rollcallText('guestsOff')} />}
    </>
  );
}

/** No dialog: the class and the player's keys continue to work behind it. */
function Box({ rollCall }: { readonly rollCall: RollCall }): JSX.Element | null {
  const view = rollCall.view.value;
  const { value: line } = rollCall.line;
  const callId = view.kind === 'asking' ? view.call.callId : '';
  const isAsking = view.kind === 'asking';
  const box = useRef<HTMLElement>(null);
  const before = useRef<Element | null>(null);
  useEffect(() => {
    const own = box.current;
    // The focus returns as soon as there is nothing to answer: screen readers announce the result anyway.
    return isAsking ? () => giveKeyboardBack(own, before.current) : undefined;
  }, [isAsking]);
  useEffect(() => {
    if (callId === '') return;
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
      ) : view.kind === 'answered' ? (
        <Answered key={view.call.callId} rollCall={rollCall} view={view} />
      ) : (
        <Said view={view} />
      )}
      {line === 'lost' && <p class="roll-note">{rollcallText('lost')}</p>}
      {line === 'denied' && view.kind === 'sending' && <p class="roll-note">{rollcallText('denied')}</p>}
    </section>
  );
}

/** Returns the focus to where it was. */
function giveKeyboardBack(box: HTMLElement | null, back: Element | null): void {
  const { activeElement } = document;
  if (activeElement !== document.body && box?.contains(activeElement) !== true) return;
  if (activeElement instanceof HTMLElement) activeElement.blur();
  if (back instanceof HTMLElement && back.isConnected) back.focus({ preventScroll: true });
}

/** Text fields and open menus keep the focus. */
function isBusy(element: Element | null): boolean {
  const isWriting = element instanceof HTMLInputElement && element.type !== 'range';
  return isWriting || element?.closest('[role=menu]') instanceof Element;
}

function Said({
  view,
}: {
  readonly view: Exclude<CallView, { kind: 'asking' | 'answered' | 'none' }>;
}): JSX.Element {
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
            <strong>{joinSentences(confirmedSentences(view, rollcallText), language.value)}</strong>
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

/** Why no question comes: without this note she would wait for them. */
function Note({ text }: { readonly text: string }): JSX.Element | null {
  const isRead = useSignal(false);
  if (isRead.value) return null;
  return (
    <p class="stage-note" role="status" data-testid="roll-denied">
      {text}
      <button type="button" onClick={() => (isRead.value = true)}>
        {rollcallText('understood')}
      </button>
    </p>
  );
}
