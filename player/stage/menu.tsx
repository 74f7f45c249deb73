import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { Icon, type IconName } from '../ui/icons.tsx';

/** A menu over the picture with one chosen item. It takes the focus, and returns it to the button that opened it. */
export function Menu(props: { readonly label: string; readonly children: ComponentChildren }): JSX.Element {
  const menu = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const opener = document.activeElement;
    const own = menu.current;
    own?.querySelector<HTMLElement>('[aria-checked="true"]')?.focus();
    return () => {
      // The focus returns to the button, unless the viewer has moved it elsewhere.
      const { activeElement } = document;
      const isLost = activeElement === document.body || own?.contains(activeElement) === true;
      if (isLost && opener instanceof HTMLElement) opener.focus();
    };
  }, []);
  return (
    <div
      ref={menu}
      class="panel menu"
      role="menu"
      tabIndex={-1}
      aria-label={props.label}
      onKeyDown={(event) => walk(event, menu.current)}
    >
      {props.children}
    </div>
  );
}

/** One choice of a {@link Menu}. */
export function MenuItem(props: {
  readonly checked: boolean;
  readonly label: string;
  readonly icon?: IconName;
  readonly onChoose: () => void;
}): JSX.Element {
  return (
    <button
      type="button"
      role="menuitemradio"
      aria-checked={props.checked}
      tabIndex={props.checked ? 0 : -1}
      onClick={props.onChoose}
    >
      <span class="menu-check">{props.checked && <Icon name="check" />}</span>
      {props.label}
      {props.icon !== undefined && <Icon name={props.icon} />}
    </button>
  );
}

/** Arrow keys move through the menu, by the ARIA practices. */
function walk(event: KeyboardEvent, menu: HTMLElement | null): void {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step === undefined || menu === null) return;
  event.preventDefault();
  event.stopPropagation();
  const items = [...menu.querySelectorAll<HTMLElement>('[role=menuitemradio]')];
  const at = items.findIndex((item) => item === document.activeElement);
  items[(at + step + items.length) % items.length]?.focus();
}
