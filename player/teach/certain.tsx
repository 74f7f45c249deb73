import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

/**
 * A button for what cannot be taken back: it asks first. The focus goes to the harmless answer, and stays in the card when the
 * question or the button is gone.
 */
export function Certain(props: {
  readonly label: string;
  readonly question: string;
  readonly yes: string;
  readonly no: string;
  readonly onYes: () => void;
}): JSX.Element {
  const isAsking = useSignal(false);
  const box = useRef<HTMLDivElement>(null);
  const wasAsked = useRef(false);
  useEffect(() => {
    if (isAsking.value) box.current?.querySelector<HTMLElement>('.certain-no')?.focus();
    else if (wasAsked.current) box.current?.querySelector<HTMLElement>('button')?.focus();
    wasAsked.current = isAsking.value;
  }, [isAsking.value]);
  useEffect(() => {
    const card = box.current?.closest<HTMLElement>('.card') ?? null;
    return () => {
      // What it removed was its own reason to be there.
      const { activeElement } = document;
      if (activeElement === null || activeElement === document.body || box.current?.contains(activeElement))
        card?.querySelector<HTMLElement>('[tabindex="-1"]')?.focus();
    };
  }, []);
  return (
    <div ref={box} class="certain" role="group" aria-label={props.label}>
      {isAsking.value ? (
        <>
          <p role="alert">{props.question}</p>
          <button
            type="button"
            class="plain-button danger-button"
            onClick={() => {
              isAsking.value = false;
              props.onYes();
            }}
          >
            {props.yes}
          </button>
          <button type="button" class="plain-button certain-no" onClick={() => (isAsking.value = false)}>
            {props.no}
          </button>
        </>
      ) : (
        <button type="button" class="plain-button" onClick={() => (isAsking.value = true)}>
          {props.label}
        </button>
      )}
    </div>
  );
}
