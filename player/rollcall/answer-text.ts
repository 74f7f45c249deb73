import type { AnswerValue } from '../../rollcall/protocol/answer.ts';
import type { CallFrame } from '../../rollcall/protocol/frames.ts';
import type { rollcallText } from '../text/rollcall-text.ts';
import type { CallView } from './call-view.ts';

/** An answer as its student reads it: the words of her choice, her number or her text. */
export function answerText({ choices }: Pick<CallFrame, 'choices'>, value: AnswerValue): string {
  return typeof value === 'number' ? (choices?.[value] ?? String(value)) : (value ?? '');
}

/** What a student is told of an answer that she may change, one sentence each. @param text of the page's language */
export function answeredSentences(
  view: Extract<CallView, { kind: 'answered' }>,
  text: typeof rollcallText,
): readonly string[] {
  return [
    ...(view.isOther ? [text('notChanged')] : []),
    text('answeredWith', { answer: answerText(view.call, view.value) }),
    text('mayChange'),
  ];
}

/** What a student is told of an answer that counts for good, one sentence each. @param text of the page's language */
export function confirmedSentences(
  view: Extract<CallView, { kind: 'confirmed' }>,
  text: typeof rollcallText,
): readonly string[] {
  const { call, value, isOther, isFixed, status } = view;
  if (value === undefined) return [text(isOther ? 'other' : status)];
  const answer = text('answeredWith', { answer: answerText(call, value) });
  if (isFixed) return [answer, text('fixed')];
  return [text(isOther ? 'notChanged' : status), answer];
}
