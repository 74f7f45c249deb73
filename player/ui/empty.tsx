import type { JSX } from 'preact';
import { Icon, type IconName } from './icons.tsx';

/** Says why a list is empty. */
export function Empty(props: {
  readonly icon: IconName;
  readonly text: string;
  /** '' for none. */
  readonly detail: string;
}): JSX.Element {
  return (
    <div class="empty" role="status">
      <Icon name={props.icon} />
      <p class="empty-text">{props.text}</p>
      {props.detail !== '' && <p>{props.detail}</p>}
    </div>
  );
}
