import type { JSX } from 'preact';
import { Icon, type IconName } from '../ui/icons.tsx';

/** A button of the bar below the picture. */
export function Tool(props: {
  readonly icon: IconName;
  readonly label: string;
  readonly keys?: string;
  readonly expanded?: boolean;
  readonly popup?: boolean;
  /** Hidden on small screens. */
  readonly desktop?: boolean;
  readonly onClick: () => void;
}): JSX.Element {
  return (
    <button
      type="button"
      class={`tool${props.desktop === true ? ' tool-desktop' : ''}`}
      aria-label={props.label}
      aria-keyshortcuts={props.keys}
      aria-expanded={props.expanded}
      aria-haspopup={props.popup === true ? 'menu' : undefined}
      title={props.keys === undefined ? props.label : `${props.label} (${props.keys.toUpperCase()})`}
      onClick={props.onClick}
    >
      <Icon name={props.icon} />
    </button>
  );
}
