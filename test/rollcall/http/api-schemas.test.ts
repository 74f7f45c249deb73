import { equal } from 'node:assert/strict';
import type { z } from 'zod';
import {
  answerSchema,
  questionSchema,
  rosterInputSchema,
  watchedSchema,
} from '../../../rollcall/http/api-schemas.ts';
import { checkClaim } from '../../../rollcall/protocol/answer.ts';
import { checkQuestion } from '../../../rollcall/protocol/call.ts';
import { type Checked, isRecord } from '../../../rollcall/protocol/checked.ts';
import { checkMinute } from '../../../rollcall/protocol/client-frame-reader.ts';
import { LIMITS } from '../../../rollcall/protocol/limits.ts';
import { readRosterJson } from '../../../rollcall/roster/read-roster.ts';
import { problemText } from '../../../rollcall/roster/roster-problem.ts';

const question = { kind: 'presence', prompt: 'Who is here?' };
const choice = { kind: 'choice', prompt: 'Which?', choices: ['a', 'b'] };
const answer = { answerId: 'abcdefgh', tapProgramTimeMs: 1.7e12, latencyMs: 800 };
const long = 'x'.repeat(LIMITS.promptLength + 1);

type Case = {
  readonly what: string;
  readonly schema: z.ZodType;
  check(value: unknown): Checked<unknown>;
  /** What both accept. */
  readonly good: readonly unknown[];
  /** What both refuse. */
  readonly bad: readonly unknown[];
};

const record = (value: unknown): Record<string, unknown> => (isRecord(value) ? value : {});

const cases: readonly Case[] = [
  {
    what: 'a question',
    schema: questionSchema,
    check: checkQuestion,
    good: [
      question,
      choice,
      { ...question, windowMs: LIMITS.windowMinMs, graceMs: LIMITS.graceMaxMs },
      ...['number', 'text', 'hand'].map((kind) => ({ kind, prompt: 'Now' })),
      { ...choice, choices: ['a', 'b', 'c', 'd', 'e', 'f'] },
      { ...choice, changeable: true },
      { ...choice, changeable: false },
      ...['number', 'text'].map((kind) => ({ kind, prompt: 'Now', changeable: true })),
    ],
    bad: [
      ...[null, [], 'presence', {}],
      { kind: 'dance', prompt: 'Now' },
      { kind: 'presence' },
      { ...question, prompt: '' },
      { ...question, prompt: long },
      { ...question, colour: 'red' },
      { ...question, choices: ['a', 'b'] },
      { ...question, windowMs: LIMITS.windowMinMs - 1 },
      { ...question, windowMs: 4000.5 },
      { ...question, windowMs: '4000' },
      { ...question, graceMs: LIMITS.graceMaxMs + 1 },
      { kind: 'choice', prompt: 'Which?' },
      { ...choice, choices: ['a'] },
      { ...choice, choices: ['a', 'b', 'c', 'd', 'e', 'f', 'g'] },
      { ...choice, choices: ['a', 'x'.repeat(LIMITS.choiceLength + 1)] },
      { ...choice, choices: ['a', 2] },
      { ...choice, changeable: 'yes' },
      { ...choice, changeable: null },
      ...['presence', 'hand'].map((kind) => ({ kind, prompt: 'Now', changeable: true })),
    ],
  },
  {
    what: 'an answer',
    schema: answerSchema,
    check: (value) => checkClaim({ ...record(value), callId: 'c1' }),
    good: [
      answer,
      ...[3, 'text', null].map((value) => ({ ...answer, value })),
      { ...answer, stalled: true },
      ...[1, 2 ** 53 - 1].map((sequence) => ({ ...answer, sequence })),
      { ...answer, latencyMs: -LIMITS.clockSlackMs },
    ],
    bad: [
      {},
      { ...answer, answerId: 'short' },
      { ...answer, answerId: 'not allowed' },
      { ...answer, latencyMs: -LIMITS.clockSlackMs - 1 },
      { ...answer, latencyMs: 86_400_001 },
      { ...answer, latencyMs: null },
      { ...answer, tapProgramTimeMs: 'now' },
      { ...answer, stalled: 'yes' },
      { ...answer, value: ['a'] },
      ...[0, -1, 1.5, 2 ** 53, '1', null].map((sequence) => ({ ...answer, sequence })),
      { ...answer, name: 'Li Lei' },
    ],
  },
  {
    what: 'a watched minute',
    schema: watchedSchema,
    check: (value) => checkMinute(record(value)['minute']),
    good: [{ minute: 0 }, { minute: 28_000_000 }],
    bad: [{}, { minute: -1 }, { minute: 1.5 }, { minute: '7' }],
  },
  {
    what: 'a class list',
    schema: rosterInputSchema,
    check: (value) => {
      const reading = readRosterJson(value);
      return reading.kind === 'roster'
        ? { ok: true, value: reading.entries }
        : { ok: false, reason: problemText(reading.problem) };
    },
    good: [
      [],
      [{ id: '1', name: 'Li Lei' }],
      [{ id: '1', name: 'Li Lei', group: '7b' }],
      [{ id: 7, name: 'Li' }],
    ],
    bad: [
      ...[{}, null, [1]],
      [{ id: '1' }],
      [{ id: 1.5, name: 'Li Lei' }],
      [{ id: '1', name: '' }],
      [{ id: 'x'.repeat(LIMITS.idLength + 1), name: 'Li Lei' }],
      [{ id: '1', name: 'x'.repeat(LIMITS.nameLength + 1) }],
      [{ id: '1', name: 'Li Lei', group: 'x'.repeat(61) }],
    ],
  },
];

describe('the schemas of the roll call’s API and the checks of its protocol', () => {
  for (const { what, schema, check, good, bad } of cases) {
    for (const [values, want] of [
      [good, true],
      [bad, false],
    ] as const) {
      for (const value of values) {
        it(`agree that ${JSON.stringify(value)?.slice(0, 70)} is ${want ? '' : 'not '}${what}`, () => {
          equal(schema.safeParse(value).success, want, 'schema');
          equal(check(value).ok, want, 'check');
        });
      }
    }
  }
});
