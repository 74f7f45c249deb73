import type { JSX } from 'preact';
import { Menu, MenuItem } from '../stage/menu.tsx';
import { pt } from '../text/timeshift-text.ts';
import type { PastSession } from './timeshift-session.ts';
import { SPEEDS } from './speeds.ts';

/** Speeds, fastest first. */
export function SpeedMenu(props: {
  readonly session: PastSession;
  readonly onChoose: (speed: number) => void;
  readonly onClose: () => void;
}): JSX.Element {
  return (
    <Menu label={pt('speed.label')}>
      {[...SPEEDS].reverse().map((speed) => (
        <MenuItem
          key={speed}
          checked={props.session.view.speed.value === speed}
          label={speed === 1 ? pt('speed.normal') : pt('speed.value', { value: speed })}
          onChoose={() => {
            props.onChoose(speed);
            props.onClose();
          }}
        />
      ))}
    </Menu>
  );
}
