import fc from 'fast-check';
import type { AnswerValue, Claim } from '../../../rollcall/protocol/answer.ts';
import { ANSWER_STATUSES } from '../../../rollcall/protocol/answer.ts';
import { CALL_KINDS, type Call, hasValue } from '../../../rollcall/protocol/call.ts';
import type { NamedAnswer, ServerFrame } from '../../../rollcall/protocol/frames.ts';
import { callFrame } from '../../../rollcall/protocol/frames.ts';
import { LIMITS } from '../../../rollcall/protocol/limits.ts';

/** A moment of the tests, UTC milliseconds. */
export const NOW_MS = 1_766_000_000_000;

const characters = (set: string, least: number, most: number): fc.Arbitrary<string> =>
  fc.string({ unit: fc.constantFrom(...set.split('')), minLength: least, maxLength: most });

const LOWER = 'abcdefghijklmnopqrstuvwxyz0123456789';
const count = fc.nat(1_000_000);
const time = fc.integer({ min: NOW_MS - 1e9, max: NOW_MS + 1e9 });
const text = fc.string({ unit: 'grapheme', maxLength: 40 });

/** The id of a call. */
export const callId = characters(LOWER, 1, 32);
/** The id of an answer. */
export const answerId = characters(`${LOWER}ABCXYZ_-`, 8, 64);
const status = fc.constantFrom(...ANSWER_STATUSES);

/** A call, of any kind, opened about {@link NOW_MS}. */
export const call: fc.Arbitrary<Call> = fc
  .record({
    kind: fc.constantFrom(...CALL_KINDS),
    prompt: text,
    some: fc.uniqueArray(text, { minLength: LIMITS.choicesMin, maxLength: LIMITS.choicesMax }),
    // A call that was closed early has a shorter window than one may ask for.
    windowMs: fc.integer({ min: 0, max: LIMITS.windowMaxMs }),
    graceMs: fc.integer({ min: LIMITS.graceMinMs, max: LIMITS.graceMaxMs }),
    callId,
    atProgramTimeMs: time,
    mayChange: fc.boolean(),
  })
  .map(({ some, mayChange, ...rest }) => ({
    ...rest,
    ...(mayChange && hasValue(rest.kind) ? { changeable: true } : {}),
    choices: rest.kind === 'choice' ? some : [],
    channel: 'hall-7',
    openedBy: 'teacher-1',
  }));

/** A value that fits a call. */
export function fittingValue({ kind, choices }: Pick<Call, 'kind' | 'choices'>): fc.Arbitrary<AnswerValue> {
  switch (kind) {
    case 'presence':
    case 'hand':
      return fc.constant(null);
    case 'choice':
      return fc.nat(choices.length - 1);
    case 'number':
      return fc.integer();
    case 'text':
      return fc.constantFrom('water', '水', 'H₂O', 'é');
  }
}

/** A call and a claim whose form is right, whatever it says. */
export const callAndClaim: fc.Arbitrary<{ readonly call: Call; readonly claim: Claim }> = call.chain((made) =>
  fc
    .record({
      answerId,
      value: fittingValue(made),
      aheadMs: fc.integer({ min: -10_000, max: made.windowMs + made.graceMs + 10_000 }),
      latencyMs: fc.oneof(
        fc.integer({ min: -LIMITS.clockSlackMs, max: 60_000 }),
        fc.integer({ min: -LIMITS.clockSlackMs, max: 86_400_000 }),
      ),
      stalled: fc.boolean(),
      order: fc.oneof(fc.constant({}), fc.record({ sequence: fc.integer({ min: 1, max: 2 ** 53 - 1 }) })),
    })
    .map(({ aheadMs, order, ...rest }) => ({
      call: made,
      claim: { ...rest, ...order, callId: made.callId, tapProgramTimeMs: made.atProgramTimeMs + aheadMs },
    })),
);

const named: fc.Arbitrary<NamedAnswer> = fc.record(
  {
    sub: text,
    name: text,
    status,
    value: fc.oneof(fc.constant(null), fc.integer(), text),
    reactionMs: count,
    beside: text,
  },
  { requiredKeys: ['sub', 'name', 'status', 'value', 'reactionMs'] },
);

/** The answer that counts, where it may be changed. */
const counted = fc.oneof(
  fc.constant({}),
  fc.record({
    counted: fc.record({
      value: fc.oneof(fc.constant(null), fc.integer(), text),
      sequence: fc.integer({ min: 0, max: 2 ** 53 - 1 }),
    }),
  }),
);

const anyFrame: fc.Arbitrary<ServerFrame> = fc.oneof(
  call.map(callFrame),
  fc
    .tuple(
      fc.record({
        ...{ serverTimeMs: time, sub: text, name: text },
        role: fc.constantFrom('student', 'teacher', 'operator'),
      }),
      fc.record(
        {
          call: call.map(callFrame),
          answered: fc
            .tuple(fc.record({ callId, status }), counted)
            .map(([one, more]) => ({ ...one, ...more })),
        },
        { requiredKeys: [] },
      ),
    )
    .map(([who, more]) => ({ type: 'welcome' as const, ...who, ...more })),
  fc.record({ type: fc.constant('closed'), callId, atProgramTimeMs: time }),
  fc
    .tuple(fc.record({ callId, answerId, status, duplicate: fc.boolean() }), counted)
    .map(([one, more]) => ({ type: 'ack' as const, ...one, ...more })),
  fc
    .tuple(
      fc.record({ code: text, reason: text }),
      fc.record({ answerId, minute: count, ref: text, retryAfterMs: count }, { requiredKeys: [] }),
    )
    .map(([why, more]) => ({ type: 'refused' as const, ...why, ...more })),
  fc.record({
    type: fc.constant('tally'),
    callId,
    ...{ present: count, late: count, replay: count, absent: count, total: count },
    ...{ strangers: count, connected: count },
    values: fc.array(fc.record({ value: fc.integer(), count }), { maxLength: 20 }),
    reactionP50Ms: fc.option(count),
    reactionP90Ms: fc.option(count),
    changed: fc.array(named, { maxLength: LIMITS.tallyChanged }),
  }),
  fc.record({ type: fc.constant('done'), ref: text, callId }),
  fc.record({ type: fc.constant('pong'), serverTimeMs: time }),
  fc.record({ type: fc.constant('bye'), reconnectAfterMs: count }),
);

/** Any frame of a server, of plain objects as JSON gives them. */
export const serverFrame = anyFrame.map((frame) => structuredClone(frame));

/** A text with some of its characters cut out, doubled or put in. */
export function mutated(from: fc.Arbitrary<string>): fc.Arbitrary<string> {
  const cut = fc.record({ at: fc.nat(), length: fc.nat(4), put: fc.string({ maxLength: 4 }) });
  return fc.tuple(from, fc.array(cut, { minLength: 1, maxLength: 4 })).map(([whole, cuts]) =>
    cuts.reduce((left, { at, length, put }) => {
      const place = at % (left.length + 1);
      return left.slice(0, place) + put + left.slice(place + length);
    }, whole),
  );
}
