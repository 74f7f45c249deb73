import type { ComponentType } from 'preact';
import '../styles/rollcall.css';
import { rt } from '../text/rollcall-text.ts';
import { RollCall, type RollCallOptions } from './roll-call.ts';
import { RollCallPanel } from './roll-call-panel.tsx';

/**
 * Opens the roll call of a channel.
 *
 * @returns what lies over the picture, from now on
 */
export function openRollCall(options: Omit<RollCallOptions, 'spareName'>): ComponentType {
  const spareName = rt('guest', { number: 1000 + Math.floor(Math.random() * 9000) });
  const rollCall = new RollCall({ ...options, spareName });
  void rollCall.start();
  rollCall.view.subscribe((view) => {
    document.documentElement.dataset['roll'] = view.kind;
  });
  return () => <RollCallPanel rollCall={rollCall} />;
}
