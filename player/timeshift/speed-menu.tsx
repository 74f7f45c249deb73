import type { JSX } from 'preact';
import { Menu, MenuItem } from '../stage/menu.tsx';
import { timeshiftText } from '../text/timeshift-text.ts';
import type { TimeshiftSession } from './timeshift-session.ts';
import { SPEEDS } from './speeds.ts';

/** Speeds, fastest first. */
export function SpeedMenu(props: {
  readonly session: TimeshiftSession;
  readonly onChoose: (speed: number) => void;
  readonly onClose: () => void;
}): JSX.Element {
  return (
    <Menu label={timeshiftText('speed.label')}>
      {[...SPEEDS].reverse().map((speed) => (
        <MenuItem
          key={speed}
          checked={props.session.view.speed.value === speed}
          label={speed === 1 ? timeshiftText('speed.normal') : timeshiftText('speed.value', { value: speed })}
          onChoose={() => {
            props.onChoose(speed);
            props.onClose();
          }}
        />
      ))}
    </Menu>
  );
}
