import type { JSX } from 'preact';
import type { CallFrame } from '../../rollcall/protocol/frames.ts';
import { rollcallText } from '../text/rollcall-text.ts';

/**
 * What is left of a student's window.
 *
 * @param leftMs milliseconds; 0 when an answer would be late
 */
export function TimeLeft(props: { readonly call: CallFrame; readonly leftMs: number }): JSX.Element {
  const { call, leftMs } = props;
  const share = call.windowMs > 0 ? leftMs / call.windowMs : 0;
  return (
    <div class="roll-time" role="timer" aria-live="off">
      <div class="roll-bar" aria-hidden="true">
        <span style={{ transform: `scaleX(${share.toFixed(3)})` }} />
      </div>
      <p>
        {leftMs > 0
          ? rollcallText('secondsLeft', { count: Math.ceil(leftMs / 1000) })
          : rollcallText('isLate')}
      </p>
    </div>
  );
}
